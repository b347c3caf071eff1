import ArgumentParser
import Daemon

struct Webhook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Work with the servers that receive events over HTTP.",
        subcommands: [WebhookTest.self]
    )
}

struct WebhookTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a test event to webhooks.",
        discussion: """
            Sends one made-up event, of the label "test", to the configured webhook of that
            name or to all of them, and prints what each answers. The webhook's events,
            streams and labels do not keep it back. If the webhook wants pictures, the
            newest picture of an event goes along, or a drawn one. Exit code 1 means that
            one of them did not accept it.

            Example:
              watchword webhook test phone
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "The name of a webhook. (default: all)")
    var name: String?

    func run() throws {
        let testing = try WebhookTesting(file.load(), name: name, version: watchwordVersion)
        guard try testing.run({ try printLine($0) }) else { throw ExitCode(1) }
    }
}
