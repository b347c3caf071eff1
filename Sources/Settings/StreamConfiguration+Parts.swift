package import Capture
package import Frames
package import Recognition

extension StreamOptions {
    /// What the recogniser is to do with a stream of this name and these labels.
    package func specification(name: String, labels: [StreamSpecification.Label]) -> StreamSpecification {
        StreamSpecification(
            name: name,
            labels: labels,
            neutral: neutral,
            background: background,
            window: window,
            hop: hop,
            reuse: reuse,
            scoring: scoring,
            temperature: temperature,
            gate: gate,
            gateRefresh: gateRefresh,
            confirm: confirm,
            audit: audit
        )
    }
}

extension StreamConfiguration {
    /// What the recogniser is to do with this stream.
    package var specification: StreamSpecification {
        options.specification(
            name: name,
            labels: labels.map { StreamSpecification.Label(name: $0.name, text: $0.text, rules: $0.rules) }
        )
    }

    /// What capture is to open.
    package func sourceOptions(transform: InputTransform, interval: Double) -> SourceOptions {
        var source = SourceOptions(url: url.expanded, transform: transform, interval: interval)
        source.crop = options.crop
        source.masks = options.masks
        source.transport = options.transport == .tcp ? .tcp : .udp
        source.openTimeout = options.openTimeout
        source.stallTimeout = options.stallTimeout
        source.deviceVideoSize = input?.size?.description
        source.deviceFrameRate = input?.rate.map { "\($0)" }
        source.devicePixelFormat = input?.format
        return source
    }

    /// What is to be opened where a recording stands in for the stream's source: with its crop and masks, without what only
    /// a device is asked.
    package func recordingOptions(_ video: String, transform: InputTransform, interval: Double) -> SourceOptions {
        var source = sourceOptions(transform: transform, interval: interval)
        source.url = video
        source.deviceVideoSize = nil
        source.deviceFrameRate = nil
        source.devicePixelFormat = nil
        return source
    }
}
