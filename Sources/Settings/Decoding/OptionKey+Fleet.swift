import ConfigurationText
import Fleet
import Text

extension OptionKey<FleetSettings> {
    private static var measured: String { "measured" }
    private static var capacities: ClosedRange<Double> { 0.1...100_000 }

    /// This host's name. Its default is the machine's own, so none is part of the schema.
    static var fleetHost: OptionKey {
        OptionKey(name: "host", schema: JSONSchema.text(limit: 253)) { node, path, section, context in
            let scalar = context.text(of: node, path: path, example: "node-7", TextRules.hostName)
            guard let scalar else { return nil }
            section.host = scalar.text
            return scalar.isExpanded ? scalar.text : scalar.display
        } show: {
            $0.host
        } json: { _ in
            nil
        }
    }

    /// Frames per second, or the word for as many as are measured.
    static var capacity: OptionKey {
        let schema: JSONValue = ["anyOf": [JSONSchema.choice([measured]), JSONSchema.number(capacities)]]
        return OptionKey(name: "capacity", schema: schema) { node, path, section, context in
            let noun = "a number of frames per second"
            guard let scalar = context.scalar(of: node, path: path, noun: noun, example: "40") else { return nil }
            guard scalar.text != measured else {
                section.capacity = nil
                return measured
            }
            guard let capacity = NumberText.parse(scalar.text), capacities.contains(capacity) else {
                let message = "\(path) is \(scalar.quoted), which is neither `measured` nor a number from 0.1 to 100000"
                context.report(node.place, message, remedy: "write it like 40, or leave it out")
                return nil
            }
            section.capacity = capacity
            return scalar.display
        } show: {
            $0.capacity.map { NumberText.format($0) } ?? measured
        } json: {
            $0.capacity.map { JSONSchema.short($0) } ?? .string(measured)
        }
    }
}

/// The choices of a rhythm.
enum FleetPace: String, CaseIterable {
    case normal, quick
}

extension FleetSettings {
    /// The rhythm as its word.
    var pace: FleetPace {
        get { rhythm == .quick ? .quick : .normal }
        set { rhythm = newValue == .quick ? .quick : FleetRhythm() }
    }
}

extension TextRules {
    /// The address of a NATS server, without credentials.
    static func natsServer(_ text: String) -> TextFault? {
        guard !text.contains("@") else {
            let remedy = "move them to user: and password:, as ${FLEET_PASSWORD}"
            return TextFault(message: "holds a user name or a password", remedy: remedy)
        }
        guard !FleetSettings.isServer(text) else { return nil }
        let remedy = "write it like tls://a.local:4222 or nats://a.local"
        return TextFault(message: "is not the address of a NATS server", remedy: remedy)
    }
}
