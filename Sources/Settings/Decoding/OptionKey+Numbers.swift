import ConfigurationText
import Text

extension OptionKey {
    /// A duration in a range.
    static func duration(
        _ name: String,
        _ target: WritableKeyPath<Section, Duration>,
        _ range: ClosedRange<Duration>
    ) -> OptionKey {
        let limits = OptionRange(
            low: DurationText.format(range.lowerBound),
            high: DurationText.format(range.upperBound)
        )
        return OptionKey(name: name, schema: JSONSchema.duration, range: limits) { node, path, section, context in
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
                context.reportRange(node.place, path, scalar, limits)
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : DurationText.format(value)
        } show: {
            DurationText.format($0[keyPath: target])
        }
    }

    /// A number of bytes in a range.
    static func size(
        _ name: String,
        _ target: WritableKeyPath<Section, Int64>,
        _ range: ClosedRange<Int64>
    ) -> OptionKey {
        let limits = OptionRange(low: SizeText.format(range.lowerBound), high: SizeText.format(range.upperBound))
        return OptionKey(name: name, schema: JSONSchema.size, range: limits) { node, path, section, context in
            let value = context.scalar(of: node, path: path, noun: "a size", example: "1GB")
            guard let scalar = value else { return nil }
            guard let value = SizeText.parse(scalar.text) else {
                let remedy = "write it like 500MB, 1.5GB or 2GiB"
                context.report(node.place, "\(path) is \(scalar.quoted), which is not a size", remedy: remedy)
                return nil
            }
            guard range.contains(value) else {
                context.reportRange(node.place, path, scalar, limits)
                return nil
            }
            section[keyPath: target] = value
            return scalar.isExpanded ? scalar.display : SizeText.format(value)
        } show: {
            SizeText.format($0[keyPath: target])
        }
    }

    /// A number in a range.
    static func number(
        _ name: String,
        _ target: WritableKeyPath<Section, Double>,
        _ range: ClosedRange<Double>,
        example: String
    ) -> OptionKey {
        let limits = OptionRange(low: NumberText.format(range.lowerBound), high: NumberText.format(range.upperBound))
        return OptionKey(name: name, schema: JSONSchema.number(range), range: limits) { node, path, section, context in
            let value = context.number(of: node, path: path, noun: "a number", example: example, NumberText.parse)
            guard let (value, scalar) = value else { return nil }
            guard range.contains(value) else {
                context.reportRange(node.place, path, scalar, limits)
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

    /// A whole number in a range.
    static func integer(
        _ name: String,
        _ target: WritableKeyPath<Section, Int>,
        _ range: ClosedRange<Int>,
        example: String
    ) -> OptionKey {
        let limits = OptionRange(low: "\(range.lowerBound)", high: "\(range.upperBound)")
        return OptionKey(name: name, schema: JSONSchema.integer(range), range: limits) { node, path, section, context in
            let value = context.number(of: node, path: path, noun: "a whole number", example: example) { Int($0) }
            guard let (value, scalar) = value else { return nil }
            guard range.contains(value) else {
                context.reportRange(node.place, path, scalar, limits)
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
