import ArgumentParser
import ConfigurationText
import Fleet
import Models
import Settings
import Text

extension FleetCommand {
    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a file the fleet's configuration.",
            discussion: """
                The file has defaults: and streams:, as a host's own file has; mqtt: and
                webhooks:, to which one host delivers the records of all; and model: with the
                digest of the hosts' model. Everything else stays with the hosts. It is checked
                as `check` does, but for what only the hosts have: the values of ${NAME} and
                the example clips. Prints the difference from the last revision and the new
                revision's number. All hosts follow it at once.

                If another operator was faster, nothing is written, and the exit code is 1.

                Example:
                  watchword fleet apply fleet.yaml
                """
        )

        @OptionGroup var connection: FleetConnection

        @Argument(help: "The file with defaults:, streams:, mqtt: and webhooks:.", completion: .file())
        var fleetFile: String

        @Flag(help: "Only check the file and print the difference.")
        var dryRun = false

        func run() throws {
            let (configuration, settings) = try connection.load()
            let text = try TextFile.load(fleetFile, limit: FleetOperator.configurationLimit)
            let checked = try Configuration.check(
                fleet: text,
                file: fleetFile,
                by: configuration,
                modelDefaults: ModelDefaults.ofModel
            )
            for warning in try labelWarnings(checked.fleetStreams, model: configuration.model.path) {
                Outcome.complain("watchword: warning: \(warning)")
            }
            let fleet = FleetOperator(try EngineClient(settings))
            let standing = try fleet.standing()
            let old = standing.revision?.text ?? ""
            if let revision = standing.revision, old == text {
                return try printLine("Nothing changes: \(revision.title) holds.")
            }
            let difference = UnifiedDiff.text(from: old, to: text, name: "fleet.yaml")
            for line in difference.split(separator: "\n") { try printLine(String(line)) }
            if dryRun { return try printLine("Nothing was written.") }
            let number = try fleet.apply(text, over: standing, version: watchwordVersion)
            let count = checked.fleetStreams.count
            try printLine("This is revision \(number), with \(count) stream\(count == 1 ? "" : "s").")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the fleet's configuration.",
            discussion: """
                Prints the last revision as it was applied, or an earlier one: the last ten are
                kept. Applying an earlier revision again makes it the last.

                Example:
                  watchword fleet show --revision 12 > fleet.yaml
                """
        )

        @OptionGroup var connection: FleetConnection

        @Option(help: ArgumentHelp("The revision to print. (default: the last)", valueName: "number"))
        var revision: UInt64?

        @Flag(help: "List the revisions that are kept instead.")
        var list = false

        func validate() throws {
            if list, revision != nil { throw ValidationError("Give --revision or --list, not both.") }
        }

        func run() throws {
            let (_, fleet) = try connection.connect()
            if list {
                for revision in try fleet.revisions() { try printLine(revision.title) }
                return
            }
            let found = try revision.map(fleet.revision) ?? fleet.standing().revision
            guard let found else {
                throw OperationError("the fleet has no configuration; run `watchword fleet apply FILE`")
            }
            // Exactly as it was applied: its own line feed ends it.
            try printText(found.text)
        }
    }
}
