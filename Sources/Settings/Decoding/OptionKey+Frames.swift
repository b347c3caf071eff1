import ConfigurationText
import Text

extension OptionKey<ModelSettings> {
    private static var trained: String { "trained" }
    private static var range: ClosedRange<Int> { 2...128 }

    /// The frames of a window: a number, or the word for as many as the model was trained for.
    static var frames: OptionKey {
        let schema: JSONValue = ["anyOf": [JSONSchema.choice([trained]), JSONSchema.integer(range)]]
        return OptionKey(name: "frames", schema: schema) { node, path, section, context in
            let noun = "a number of frames"
            guard let scalar = context.scalar(of: node, path: path, noun: noun, example: "16") else { return nil }
            guard scalar.text != trained else {
                section.frames = nil
                return trained
            }
            guard let frames = Int(scalar.text), range.contains(frames) else {
                let message = "\(path) is \(scalar.quoted), which is neither `trained` nor a whole number from 2 to 128"
                context.report(node.place, message, remedy: "write it like 16, or leave it out")
                return nil
            }
            section.frames = frames
            return scalar.display
        } show: {
            $0.frames.map { "\($0)" } ?? trained
        } json: {
            $0.frames.map { .integer(Int64($0)) } ?? .string(trained)
        }
    }
}
