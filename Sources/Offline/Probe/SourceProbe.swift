package import Capture
import Foundation
import Frames
import Models
import ONVIF
package import Settings
import Synchronization
import System
package import Text
import XCLIP

/// Opens sources as the daemon would and reports what they deliver: `check --probe` and `probe`.
package struct SourceProbe: Sendable {
    private struct Target: Sendable {
        var stream: String?
        var url: StreamURL
        var options: SourceOptions
    }

    private let targets: [Target]
    private let redaction: Redaction

    /// All streams of a configuration, each with its own time-outs, transport, crop and masks.
    package init(_ configuration: Configuration) {
        let transform = Self.transform(ofModel: configuration.model.path)
        targets = configuration.streams.map {
            Target(stream: $0.name, url: $0.url, options: $0.sourceOptions(transform: transform, interval: 1))
        }
        redaction = Redaction(secrets: configuration.secrets.values)
    }

    /// One URL by itself.
    ///
    /// - Throws: `OperationError` if it is not a URL.
    package init(url: String, transport: SourceOptions.Transport, timeout: Duration) throws(OperationError) {
        // A path is relative to this directory, as for `recognise`; a configuration's would be to the daemon's.
        let url = FileManager.default.fileExists(atPath: url) && !url.hasPrefix("/") ? "./" + url : url
        if let fault = TextRules.source(url) { throw OperationError("the URL \(fault.message); \(fault.remedy)") }
        var options = SourceOptions(url: url, transform: Self.usualTransform, interval: 1)
        options.transport = transport
        options.openTimeout = timeout
        options.stallTimeout = timeout
        targets = [Target(url: StreamURL(url), options: options)]
        redaction = Redaction()
    }

    /// Tries all at once, each on a thread of its own, and returns when the last has answered or its time is over; in the
    /// order of the configuration.
    ///
    /// - Throws: `OperationError` if the system makes no more threads.
    package func run() throws(OperationError) -> [ProbeFinding] {
        LibAVLog.mute()
        let findings = Findings()
        var threads: [NamedThread] = []
        defer { for thread in threads { thread.join() } }
        for (index, target) in targets.enumerated() {
            let started = NamedThread.start("probe-\(index + 1)") { [redaction] in
                findings.add(Self.probe(target, redaction), at: index)
            }
            switch started {
            case .success(let thread): threads.append(thread)
            case .failure(let error):
                throw OperationError("cannot start a thread for each source: \(error)")
            }
        }
        while let thread = threads.popLast() { thread.join() }
        return findings.inOrder
    }

    private final class Findings: Sendable {
        private let findings = Mutex<[Int: ProbeFinding]>([:])

        func add(_ finding: ProbeFinding, at index: Int) { findings.withLock { $0[index] = finding } }

        var inOrder: [ProbeFinding] { findings.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }
    }

    /// How long a live source is read to see how its pictures come.
    private static let look = Duration.seconds(4)

    /// Reads up to the first picture, since what opens is not yet what decodes, and a live source for a few seconds more.
    private static func probe(_ target: Target, _ redaction: Redaction) -> ProbeFinding {
        var options = target.options
        options.pace = .asFast
        // Every picture is chosen, so that the first is handed out when the second comes.
        options.interval = 0.001
        let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: options.inputBytes)
        defer { pixels.deallocate() }
        do throws(CaptureError) {
            options = try options.resolved()
            var source = try VideoSource.open(options, cancellation: Cancellation())
            guard try source.next(into: pixels) != nil else {
                throw CaptureError(.ended, "cannot read \(Redaction().redact(options.url)): it has no picture")
            }
            let end = MonotonicTime.now + look
            while source.info.isLive, MonotonicTime.now < end, try source.next(into: pixels) != nil {}
            let picture = ProbedSource(
                source.info,
                rate: source.rate,
                clock: source.info.isLive ? source.clockInUse : nil,
                crop: options.crop,
                view: options.view,
                input: options.transform
            )
            return ProbeFinding(stream: target.stream, url: target.url.redacted, outcome: .success(picture))
        } catch {
            let reason = OperationError(redaction.redact(error.message))
            return ProbeFinding(stream: target.stream, url: target.url.redacted, outcome: .failure(reason))
        }
    }

    /// What most models take; stands in for a model that cannot be read, which is not what is asked about here.
    private static let usualTransform = InputTransform(
        resize: .shortestEdge(224),
        filter: .bicubic,
        width: 224,
        height: 224
    )

    private static func transform(ofModel name: String) -> InputTransform {
        guard let directory = try? ModelLocation.directory(of: name),
            let model = try? XCLIPConfiguration(path: directory + "/config.json"),
            let preprocessing = try? Preprocessing(directory: directory, imageSize: model.imageSize)
        else { return usualTransform }
        return preprocessing.transform
    }
}
