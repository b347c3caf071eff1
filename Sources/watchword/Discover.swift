import ArgumentParser
import Foundation
import ONVIF
import Text

struct Discover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the cameras on the local networks, and their streams.",
        discussion: """
            Searches by WS-Discovery for cameras that speak ONVIF, and lists them. With
            --user, it logs in to each and prints its streams as entries to paste below
            `streams:`. The smallest stream that still serves the model comes first. The
            password is asked for on the terminal, or read from a file; it is printed as
            ${CAMERA_PASSWORD} only. If no camera is found, or none gives a stream, the
            exit code is 1.

            Example:
              watchword discover --user watcher
            """
    )

    @Option(help: ArgumentHelp("The user of the cameras' ONVIF service.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp("A file whose first line is that user's password.", valueName: "file"),
        completion: .file()
    )
    var passwordFile: String?

    @Option(
        help: ArgumentHelp("How long to wait for cameras, and then for each camera's answers.", valueName: "time"),
        transform: span
    )
    var timeout = Duration.seconds(5)

    @Flag(help: "Print one JSON object per camera.")
    var json = false

    func validate() throws {
        if user?.isEmpty == true { throw ValidationError("--user is empty.") }
        if passwordFile != nil && user == nil { throw ValidationError("--password-file needs --user.") }
    }

    func run() throws {
        let login = try user.map { CameraLogin(user: $0, password: try password(of: $0)) }
        let outcome = try NetworkSearch.run(for: timeout)
        guard !outcome.devices.isEmpty else {
            throw OperationError(
                "no camera answered within \(timeout.configured) on \(outcome.interfaces.joined(separator: ", ")); switch ONVIF "
                    + "on in the camera's settings; a camera in another network cannot be found: name it by its address, "
                    + "as url: onvif://USER:${PASSWORD}@HOST"
            )
        }
        let cameras =
            try login.map { try CameraListing(login: $0, time: timeout).ask(outcome.devices) }
            ?? outcome.devices.map { ListedCamera(device: $0) }
        if json {
            for camera in cameras { try printLine(camera.json.text) }
        } else if let user {
            try printLine(CameraListing.yaml(cameras, user: user))
        } else {
            for camera in cameras { try printLine(camera.line) }
        }
        if !cameras.contains(where: \.isGood) { throw ExitCode(1) }
    }

    private func password(of user: String) throws -> String {
        try passwordFile.map(PasswordFile.read) ?? TerminalPassword.read("Password of \(user): ")
    }
}
