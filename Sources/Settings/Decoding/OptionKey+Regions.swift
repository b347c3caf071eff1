import ConfigurationText
import Frames
import Text

extension OptionKey {
    /// A part of the picture, or `none` for the whole picture.
    static func region(_ name: String, _ target: WritableKeyPath<Section, Region?>) -> OptionKey {
        let schema: JSONValue = ["anyOf": [["enum": ["none", "off", "no", false]], JSONSchema.regionReference]]
        return OptionKey(name: name, isSingleValue: false, schema: schema) { node, path, section, context in
            if case .scalar(let word, _) = node.content, OffWord.isOff(word) {
                section[keyPath: target] = nil
                return "none"
            }
            guard let region = context.region(of: node, path: path) else { return nil }
            section[keyPath: target] = region
            return region.text
        } show: {
            $0[keyPath: target]?.text ?? "none"
        }
    }

    /// Parts of the picture, `limit` at most.
    static func regions(_ name: String, _ target: WritableKeyPath<Section, [Region]>, limit: Int) -> OptionKey {
        let schema = JSONSchema.list(of: JSONSchema.regionReference, maximum: limit)
        return OptionKey(name: name, isSingleValue: false, schema: schema) { node, path, section, context in
            guard case .sequence(let elements) = node.content else {
                let remedy = "write it like [\(Region.example)]"
                context.report(node.place, "\(path) must be a list, not \(node.kind)", remedy: remedy)
                return nil
            }
            guard elements.count <= limit else {
                let message = "\(path) has \(elements.count) parts, more than \(limit)"
                context.report(node.place, message, remedy: "merge neighbouring parts")
                return nil
            }
            var regions: [Region] = []
            for (index, element) in elements.enumerated() {
                if let region = context.region(of: element, path: "\(path)[\(index + 1)]") { regions.append(region) }
            }
            guard regions.count == elements.count else { return nil }
            section[keyPath: target] = regions
            return Self.text(regions)
        } show: {
            Self.text($0[keyPath: target])
        } json: {
            $0[keyPath: target].isEmpty ? [] : nil
        }
    }

    private static func text(_ regions: [Region]) -> String {
        regions.isEmpty ? "none" : regions.map(\.text).joined(separator: "; ")
    }
}

extension DecodingContext {
    /// Reads a part of the picture. Returns nil if it is wrong and was reported.
    fileprivate mutating func region(of node: SourceNode, path: String) -> Region? {
        let remedy = "write it like \(Region.example)"
        guard case .mapping = node.content else {
            let kind = node.isNull ? "has no value" : "must be a part of the picture, not \(node.kind)"
            report(node.place, "\(path) \(kind)", remedy: remedy)
            return nil
        }
        let before = diagnostics.count
        var section = SourcedSection(Region.whole)
        let set = read(node, into: &section, Schema.region, path: path)
        for key in Schema.region where !set.contains(key.name) {
            report(node.place, "\(path) has no \(key.name)", remedy: remedy)
        }
        guard diagnostics.count == before else { return nil }
        let region = section.value
        checkFits(region.x, region.width, "x", "width", section, node, path)
        checkFits(region.y, region.height, "y", "height", section, node, path)
        return diagnostics.count == before ? region : nil
    }

    private mutating func checkFits(
        _ start: Double,
        _ length: Double,
        _ startName: String,
        _ lengthName: String,
        _ section: SourcedSection<Region>,
        _ node: SourceNode,
        _ path: String
    ) {
        // In binary, 0.9 and 0.1 are not exact.
        guard start + length > 1 + 1e-9 else { return }
        let message =
            "\(path).\(lengthName) is \(NumberText.format(length)), which with \(startName) \(NumberText.format(start)) "
            + "reaches beyond the picture"
        let room = ((1 - start) * 1e6).rounded() / 1e6
        let remedy = "lower it to \(NumberText.format(room)) or less"
        report(section.places[lengthName] ?? node.place, message, remedy: remedy)
    }
}

extension Region {
    static let example = "{x: 0, y: 0.25, width: 1, height: 0.5}"

    fileprivate var text: String {
        "x \(NumberText.format(x)), y \(NumberText.format(y)), width \(NumberText.format(width)), "
            + "height \(NumberText.format(height))"
    }
}
