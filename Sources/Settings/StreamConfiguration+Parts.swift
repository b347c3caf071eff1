package import Capture
import ConfigurationText
package import Frames
package import Recognition

extension StreamOptions {
    /// The recogniser's task for a stream of this name with these labels.
    package func specification(
        name: String,
        labels: [StreamSpecification.Label],
        signals: [StreamSpecification.SignalLabel] = []
    ) -> StreamSpecification {
        StreamSpecification(
            name: name,
            labels: labels,
            signals: signals,
            neutral: neutral,
            neutralSize: neutralSize,
            background: background,
            view: view,
            window: window,
            hop: hop,
            reuse: reuse,
            precision: precision,
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
    /// The recogniser's task for this stream.
    package var specification: StreamSpecification {
        options.specification(
            name: name,
            labels: labels.map(\.specification),
            signals: signals.map { .init(signal: $0.signal, label: $0.label.specification) }
        )
    }

    /// The source that capture opens.
    ///
    /// - Parameters:
    ///   - transform: from the decoded picture to the model's input.
    ///   - interval: seconds between two sampled frames.
    package func sourceOptions(transform: InputTransform, interval: Double) -> SourceOptions {
        var source = SourceOptions(url: url.expanded, transform: transform, interval: interval)
        source.crop = options.crop
        source.masks = options.masks
        source.view = options.view
        source.watchesCamera = watchesCamera
        source.transport = options.transport
        source.track = options.track > 0 ? options.track : nil
        source.clock = options.clock
        source.poll = options.poll
        source.headers = options.headers
        source.tls = options.tls
        source.openTimeout = options.openTimeout
        source.stallTimeout = options.stallTimeout
        source.deviceVideoSize = input?.size?.description
        source.deviceFrameRate = input?.rate.map { "\($0)" }
        source.devicePixelFormat = input?.format
        return source
    }

    /// The source to open if a recording replaces the stream's source: with the stream's crop, masks and view, without the
    /// requests to a capture device.
    package func recordingOptions(_ video: String, transform: InputTransform, interval: Double) -> SourceOptions {
        var source = sourceOptions(transform: transform, interval: interval)
        source.url = video
        source.track = nil
        source.poll = .zero
        source.deviceVideoSize = nil
        source.deviceFrameRate = nil
        source.devicePixelFormat = nil
        return source
    }
}

extension LabelConfiguration {
    fileprivate var specification: StreamSpecification.Label {
        .init(
            name: name,
            texts: texts.map(\.text),
            combination: combination,
            against: against.map(\.text),
            rules: rules
        )
    }
}
