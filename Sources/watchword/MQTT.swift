import ArgumentParser
import Daemon

struct MQTT: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mqtt",
        abstract: "Work with the MQTT broker.",
        subcommands: [MQTTClear.self]
    )
}

struct MQTTClear: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Make the broker forget what a daemon announced to it.",
        discussion: """
            Removes the retained messages below the daemon's topic prefix, and its entities
            in Home Assistant. Use it for a broker or a prefix that the daemon no longer
            uses, and not while a daemon uses it. User, password and certificates are those
            of the configuration's mqtt section, and so is what is not given here.

            Example:
              watchword mqtt clear --url mqtt://broker.local --topic watchword
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Option(help: ArgumentHelp("The broker.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The prefix of the daemon's topics.", valueName: "prefix"))
    var topic: String?

    @Option(help: ArgumentHelp("The prefix of Home Assistant's discovery topics.", valueName: "prefix"))
    var discovery: String?

    func run() throws {
        let cleaning = try BrokerCleaning(file.load(), url: url, topic: topic, discovery: discovery)
        try printLine(cleaning.run())
    }
}
