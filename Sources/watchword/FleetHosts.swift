import ArgumentParser
import Fleet
import Models
import Settings
import System
import Text

/// How long hosts are listened to: each is heard once a second.
private let listening = Duration.milliseconds(2500)

extension FleetCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the fleet: its servers, hosts and cameras.",
            discussion: """
                Listens for the hosts for two and a half seconds. Shows the servers, the hosts
                with their load and the revision that they follow, and which host watches each
                camera since when.

                Example:
                  watchword fleet status
                """
        )

        @OptionGroup var connection: FleetConnection

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let (configuration, settings) = try connection.load()
            let fleet = FleetOperator(try EngineClient(settings))
            let revision = try fleet.standing().revision
            let overview = try fleet.overview(
                servers: settings.servers,
                revision: revision,
                configured: revision.map(configuration.cameras) ?? [],
                listening: listening
            )
            for line in json ? [overview.line.text] : overview.readable { try printLine(line) }
        }
    }

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a host give its cameras to the others.",
            discussion: """
                The others open each camera before the host leaves it, so that no picture is
                missed. The host stays without cameras until `fleet undrain`, also over a
                restart.

                Example:
                  watchword fleet drain node-7 --wait
                """
        )

        @OptionGroup var connection: FleetConnection

        @Argument(help: "The host's name in the fleet.")
        var host: String

        @Flag(help: "Wait until the host has no camera left.")
        var wait = false

        func run() throws {
            let (_, fleet) = try connection.connect()
            let isHeard = try fleet.warnUnlessHeard(host)
            try fleet.drain(host, true)
            var cameras = try fleet.cameras(of: host)
            if isHeard || wait { try printLine("\(host) gives up its cameras: \(cameras.count) to go.") }
            while wait, !cameras.isEmpty {
                MonotonicTime.sleep(for: .seconds(1))
                cameras = try fleet.cameras(of: host)
            }
            if wait { try printLine("\(host) has no camera left.") }
        }
    }

    struct Undrain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a host take cameras again.",
            discussion: "Example:\n  watchword fleet undrain node-7"
        )

        @OptionGroup var connection: FleetConnection

        @Argument(help: "The host's name in the fleet.")
        var host: String

        func run() throws {
            let (_, fleet) = try connection.connect()
            try fleet.warnUnlessHeard(host)
            try fleet.drain(host, false)
            try printLine("\(host) takes its share of the cameras again.")
        }
    }

    struct Move: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Place a camera by hand, or leave it to the fleet again.",
            discussion: """
                With a host, the camera goes there and stays there while the host lives.
                Without one, it is placed as all others are.

                Example:
                  watchword fleet move door node-7
                """
        )

        @OptionGroup var connection: FleetConnection

        @Argument(help: "The camera: the name of a stream of the fleet's configuration.")
        var camera: String

        @Argument(help: "The host that is to watch it. (default: as the fleet finds)")
        var host: String?

        func run() throws {
            let (configuration, fleet) = try connection.connect()
            guard let revision = try fleet.standing().revision else {
                throw OperationError("the fleet has no configuration; run `watchword fleet apply FILE`")
            }
            let cameras = try configuration.cameras(in: revision)
            guard cameras.contains(camera) else {
                let near = SpellingSuggestion.nearest(to: camera, among: cameras)
                let remedy = near.map { "did you mean \"\($0)\"?" } ?? "`watchword fleet status` shows its cameras"
                throw OperationError("the fleet has no camera \"\(camera)\"; \(remedy)".escapingControlCharacters())
            }
            if let host { try fleet.warnUnlessHeard(host) }
            try fleet.move(camera, to: host)
            try printLine(host.map { "\(camera) goes to \($0)." } ?? "\(camera) is placed as all others are.")
        }
    }
}

extension FleetOperator {
    /// Whether a host is heard now. If not, a warning names those that are.
    @discardableResult
    fileprivate func warnUnlessHeard(_ host: String) throws -> Bool {
        let heard = try hosts(within: listening).map(\.host)
        if heard.contains(host) { return true }
        let rest =
            heard.isEmpty ? "no host is" : SpellingSuggestion.remedy(for: host, among: heard, noun: "hosts that are")
        Outcome.complain("watchword: warning: \(host) is not heard now; \(rest)".escapingControlCharacters())
        return false
    }
}

extension Configuration {
    /// The names of the streams of a revision.
    fileprivate func cameras(in revision: FleetRevision) throws -> [String] {
        let checked = try Configuration.check(
            fleet: revision.text,
            file: "revision \(revision.number)",
            by: self,
            modelDefaults: ModelDefaults.ofModel
        )
        return checked.fleetStreams.map(\.name)
    }

    /// None if this version cannot read the revision.
    fileprivate func cameras(_ revision: FleetRevision) -> [String] { (try? cameras(in: revision)) ?? [] }
}
