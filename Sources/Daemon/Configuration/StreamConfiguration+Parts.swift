import Capture
import Frames
import Recognition

extension StreamConfiguration {
    /// What the recogniser is to do with this stream.
    var specification: StreamSpecification {
        StreamSpecification(
            name: name,
            labels: labels.map { StreamSpecification.Label(name: $0.name, text: $0.text, rules: $0.rules) },
            neutral: options.neutral,
            background: options.background,
            window: options.window,
            hop: options.hop,
            reuse: options.reuse,
            scoring: options.scoring,
            temperature: options.temperature,
            gate: options.gate,
            gateRefresh: options.gateRefresh,
            confirm: options.confirm,
            audit: options.audit
        )
    }

    /// What capture is to open.
    func sourceOptions(transform: InputTransform, interval: Double) -> SourceOptions {
        var source = SourceOptions(url: url.expanded, transform: transform, interval: interval)
        source.transport = options.transport == .tcp ? .tcp : .udp
        source.openTimeout = options.openTimeout
        source.stallTimeout = options.stallTimeout
        source.deviceVideoSize = input?.size?.description
        source.deviceFrameRate = input?.rate.map { "\($0)" }
        source.devicePixelFormat = input?.format
        return source
    }
}
