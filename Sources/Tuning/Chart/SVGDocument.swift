import Foundation

/// A picture in SVG 1.1, element after element in the order of drawing.
struct SVGDocument {
    private let width: Double
    private let height: Double
    private let style: String
    private let title: String
    private var body = ""

    /// `title`: read out by screen readers. `style`: CSS.
    init(width: Double, height: Double, title: String, style: String) {
        (self.width, self.height, self.title, self.style) = (width, height, title, style)
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class name: String) {
        body += "<rect class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" "
        body += "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>\n"
    }

    mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), class name: String) {
        polyline([start, end], class: name)
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], class name: String) {
        let text = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        body += "<polyline class=\"\(name)\" points=\"\(text)\"/>\n"
    }

    /// `anchor`: start, middle or end.
    mutating func text(_ text: String, x: Double, y: Double, anchor: String = "start", class name: String) {
        body += "<text class=\"\(name)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">"
        body += Self.escaped(text) + "</text>\n"
    }

    var source: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
        width="\(Self.number(width))" height="\(Self.number(height))" role="img">
        <title>\(Self.escaped(title))</title>
        <style>
        \(style)
        </style>
        \(body)</svg>

        """
    }

    /// Tenths of a pixel: what a chart's lines need, and no locale's comma.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let rounded = (value * 10).rounded() / 10
        return Int(exactly: rounded).map(String.init) ?? String(format: "%.1f", rounded)
    }

    /// As XML takes text; characters that XML 1.0 has no way to write become U+FFFD.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { output, scalar in
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\t", "\n", "\r": output += " "
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
