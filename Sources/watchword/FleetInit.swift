import ArgumentParser
import Fleet
import Text

extension FleetCommand {
    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make on the NATS servers what a fleet needs.",
            discussion: """
                Checks the servers: their version, their number, and that each acknowledges
                only what is on its disk. Then makes the stream of records and the buckets of
                claims and of the configuration, or checks those that are there. Every fault is
                one line, and the exit code is 1.

                Only a user of the servers' system account may ask every server. With --trial,
                one server is enough, and what it does not flush may be lost with it.

                Example:
                  watchword fleet init --system-user system \\
                    --system-password-file system.password
                """
        )

        @OptionGroup var connection: FleetConnection

        @Flag(help: "Accept one server, and servers that flush late.")
        var trial = false

        @Option(help: ArgumentHelp("A user of the servers' system account.", valueName: "name"))
        var systemUser: String?

        @Option(
            help: ArgumentHelp(
                "A file whose first line is that user's password. Without it, you are asked.",
                valueName: "file"
            ),
            completion: .file()
        )
        var systemPasswordFile: String?

        @Option(
            help: ArgumentHelp("Instead: the credentials file of a user of the system account.", valueName: "file"),
            completion: .file()
        )
        var systemCredentials: String?

        @Option(help: ArgumentHelp("How long records are kept.", valueName: "time"), transform: span)
        var keep = Duration.seconds(30 * 86_400)

        @Option(
            help: ArgumentHelp("The oldest records are dropped while all are larger.", valueName: "size"),
            transform: byteCount
        )
        var keepSize: Int64 = 20_000_000_000

        func validate() throws {
            if systemUser != nil, systemCredentials != nil {
                throw ValidationError("Give --system-user or --system-credentials, not both.")
            }
            if systemPasswordFile != nil, systemUser == nil {
                throw ValidationError("--system-password-file goes with --system-user.")
            }
        }

        func run() throws {
            let (_, settings) = try connection.load()
            let client = try EngineClient(settings)
            let setup = FleetSetup(client, isTrial: trial)
            var faults = setup.serverFaults(system: try system(settings).map { try EngineClient($0) })
            if faults.isEmpty {
                faults = try setup.create(EngineObject.Limits(replicas: trial ? 1 : 3, keep: keep, bytes: keepSize))
            }
            for fault in faults { Outcome.complain("watchword: \(fault)") }
            guard faults.isEmpty else { throw ExitCode(1) }
            try printLine("The servers have what a fleet needs. Next: watchword fleet apply FILE")
        }

        /// The connection as a user of the system account; nil if none is given.
        private func system(_ settings: FleetSettings) throws -> FleetSettings? {
            var system = settings
            (system.user, system.password, system.nkey, system.nkeySeed) = (nil, nil, nil, nil)
            system.credentials = systemCredentials
            if let systemUser {
                system.user = systemUser
                if let systemPasswordFile {
                    system.password = try PasswordFile.read(systemPasswordFile)
                } else {
                    let remedy = "name its file with --system-password-file"
                    system.password = try TerminalPassword.read("Password of \(systemUser): ", remedy: remedy)
                }
            }
            return systemUser == nil && systemCredentials == nil ? nil : system
        }
    }
}

/// Reads a number of bytes above zero, as the configuration writes it: 500MB, 1.5GB, 2GiB.
private func byteCount(_ text: String) throws -> Int64 {
    guard let bytes = SizeText.parse(text), bytes > 0 else {
        throw ValidationError("'\(text)' is not a size; write it like 500MB, 1.5GB or 2GiB.")
    }
    return bytes
}
