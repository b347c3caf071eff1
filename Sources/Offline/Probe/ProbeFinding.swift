import Capture
import Foundation
import Frames
import MediaClock
package import Text

/// One source that was tried.
package struct ProbeFinding: Sendable {
    /// The stream's name; nil for a URL by itself.
    package var stream: String?
    /// Without credentials.
    package var url: String
    /// The source's picture, or why it cannot be watched.
    package var outcome: Result<ProbedSource, OperationError>

    package var isGood: Bool { if case .success = outcome { true } else { false } }

    /// For people: a line, and a second one if there is advice.
    package var lines: [String] {
        let name = stream ?? url
        switch outcome {
        case .success(let picture):
            let rate = picture.rate.map { String(format: "%.4g pictures a second", $0) } ?? "rate unknown"
            let turned = picture.rotation == 0 ? "" : ", turned by \(picture.rotation)°"
            let kind = picture.isLive ? "live" : "not live"
            let size = "\(picture.width)x\(picture.height)"
            let line = "\(name): \(picture.codec), \(size), \(rate)\(turned), \(kind) (\(picture.container))"
            let clock = picture.clockReason.map { "its pictures go by their arrival: \($0)" }
            return [line] + [clock, picture.sight, picture.advice].compactMap { $0.map { "  \($0)" } }
        case .failure(let error):
            return ["\(name): FAILED: \(error.description)"]
        }
    }

    /// For programs: one object.
    package var json: JSONLine {
        var line = JSONLine(type: "probe")
        line.add("stream", stream)
        line.add("url", url)
        switch outcome {
        case .success(let picture):
            line.add("ok", true)
            line.add("codec", picture.codec)
            line.add("container", picture.container)
            line.add("width", picture.width)
            line.add("height", picture.height)
            line.add("rotation", picture.rotation)
            line.add("rate", picture.rate)
            line.add("live", picture.isLive)
            line.add("clock", picture.clock?.rawValue)
            line.add("clock_reason", picture.clockReason)
            line.add("view", picture.view.rawValue)
            line.add("seen", picture.seen)
            line.add("advice", picture.advice)
        case .failure(let error):
            line.add("ok", false)
            line.add("error", error.description)
        }
        return line
    }
}
