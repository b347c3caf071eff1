import ConfigurationText
import Text

extension StreamDecoder {
    /// Reads the requests to a capture device. Returns nil if the stream has none.
    mutating func input(_ stream: SourceNode, path: String, _ context: inout DecodingContext) -> InputSettings? {
        guard let entry = stream.entry("input"), !entry.value.isNull else { return nil }
        var section = SourcedSection(InputSettings())
        let set = context.read(entry.value, into: &section, Schema.input, path: path)
        append(section.settings(Schema.input.filter { set.contains($0.name) }, path: path))
        return section.value
    }
}

extension OptionKey<InputSettings> {
    static var size: OptionKey {
        OptionKey(name: "size", schema: JSONSchema.pattern("^[0-9]{1,5}x[0-9]{1,5}$")) { node, path, section, context in
            let scalar = context.scalar(of: node, path: path, noun: "a size", example: "640x480")
            guard let scalar else { return nil }
            let parts = scalar.text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let width = parts[0], let height = parts[1],
                (1...16_384).contains(width), (1...16_384).contains(height)
            else {
                context.report(
                    node.place,
                    "\(path) is \(scalar.quoted), which is not a size",
                    remedy: "write it like 640x480"
                )
                return nil
            }
            section.size = PixelSize(width: width, height: height)
            return scalar.display
        } show: {
            $0.size?.description ?? "as the device has it"
        }
    }

    static var rate: OptionKey {
        let number = OptionKey<Double>.number("rate", \.self, 0.1...1000, example: "30")
        return OptionKey(name: "rate", schema: number.schema, range: number.range) { node, path, section, context in
            var rate = 0.0
            guard let shown = number.read(node, path, &rate, &context) else { return nil }
            section.rate = rate
            return shown
        } show: {
            $0.rate.map(NumberText.format) ?? "as the device has it"
        }
    }

    static var format: OptionKey {
        let text = OptionKey<String>.text("format", \.self, example: "mjpeg", TextRules.identifier(hyphens: false))
        let schema = JSONSchema.identifier(hyphens: false)
        return OptionKey(name: "format", schema: schema) { node, path, section, context in
            var format = ""
            guard let shown = text.read(node, path, &format, &context) else { return nil }
            section.format = format
            return shown
        } show: {
            $0.format ?? "as the device has it"
        }
    }
}
