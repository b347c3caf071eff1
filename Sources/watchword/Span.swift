import ArgumentParser
import Daemon

/// A duration as the configuration writes it: 5s, 500ms, 1.5m.
struct Span: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Duration(configured: argument), duration > .zero else { return nil }
        self.duration = duration
    }

    var description: String { duration.configured }
}
