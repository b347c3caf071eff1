import Text

extension OptionKey {
    static func duration(
        _ name: String,
        _ target: WritableKeyPath<Section, Duration>,
        _ range: ClosedRange<Duration>
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.duration) { node, path, section, context in
            let noun = "a duration"
            guard let scalar = context.scalar(of: node, path: path, noun: noun, example: "5s") else { return nil }
            let value: Duration
            do throws(DurationText.Failure) {
                value = try DurationText.parse(scalar.text)
            } catch {
                let (message, remedy) = error.explanation(scalar)
                context.report(node.place, "\(path) is \(scalar.quoted), \(message)", remedy: remedy)
                return nil
            }
            guard range.contains(value) else {
                let (low, high) = (DurationText.format(range.lowerBound), DurationText.format(range.upperBound))
                context.reportRange(node.place, path, scalar, from: low, to: high)
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : DurationText.format(value)
        } show: {
            DurationText.format($0[keyPath: target])
        }
    }

    /// A number of bytes.
    static func size(
        _ name: String,
        _ target: WritableKeyPath<Section, Int64>,
        _ range: ClosedRange<Int64>
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.size) { node, path, section, context in
            let value = context.scalar(of: node, path: path, noun: "a size", example: "1GB")
            guard let scalar = value else { return nil }
            guard let value = SizeText.parse(scalar.text) else {
                let remedy = "write it like 500MB, 1.5GB or 2GiB"
                context.report(node.place, "\(path) is \(scalar.quoted), which is not a size", remedy: remedy)
                return nil
            }
            guard range.contains(value) else {
                let (low, high) = (SizeText.format(range.lowerBound), SizeText.format(range.upperBound))
                context.reportRange(node.place, path, scalar, from: low, to: high)
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : SizeText.format(value)
        } show: {
            SizeText.format($0[keyPath: target])
        }
    }

    static func number(
        _ name: String,
        _ target: WritableKeyPath<Section, Double>,
        _ range: ClosedRange<Double>,
        example: String
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.number(range)) { node, path, section, context in
            let value = context.number(of: node, path: path, noun: "a number", example: example, NumberText.parse)
            guard let (value, scalar) = value else { return nil }
            guard range.contains(value) else {
                let (low, high) = (NumberText.format(range.lowerBound), NumberText.format(range.upperBound))
                context.reportRange(node.place, path, scalar, from: low, to: high)
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : NumberText.format(value)
        } show: {
            NumberText.format($0[keyPath: target])
        } json: {
            JSONSchema.short($0[keyPath: target])
        }
    }

    static func integer(
        _ name: String,
        _ target: WritableKeyPath<Section, Int>,
        _ range: ClosedRange<Int>,
        example: String
    ) -> OptionKey {
        OptionKey(name: name, schema: JSONSchema.integer(range)) { node, path, section, context in
            let value = context.number(of: node, path: path, noun: "a whole number", example: example) { Int($0) }
            guard let (value, scalar) = value else { return nil }
            guard range.contains(value) else {
                context.reportRange(node.place, path, scalar, from: "\(range.lowerBound)", to: "\(range.upperBound)")
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : "\(value)"
        } show: {
            "\($0[keyPath: target])"
        } json: {
            .integer(Int64($0[keyPath: target]))
        }
    }
}
