/// Takes the pictures out of a `multipart/x-mixed-replace` answer (RFC 2046, section 5.1), as cameras really send it. Pure.
///
/// Cameras leave out the first boundary, write it without its dashes, with two more or with bare line feeds, or leave out
/// the length. So a part is found by its header, and its end by the length or else by the next line that holds the boundary.
package struct MultipartFramer: Sendable {
    package struct Failure: Error, Equatable {
        package var message: String
    }

    /// The largest header and the largest picture that are accepted.
    package static let headerLimit = 16 << 10
    package static let partLimit = 32 << 20

    private enum State: Equatable {
        case header
        /// The length is nil where the header does not give it.
        case body(length: Int?)
    }

    /// The boundary without the dashes around it.
    private let boundary: [UInt8]
    private var buffer: [UInt8] = []
    /// Bytes before this position hold no end of the part.
    private var searched = 0
    private var state = State.header

    /// - Parameter boundary: as the answer's header gives it.
    package init(boundary: String) {
        self.boundary = Self.core(Array(boundary.utf8)[...])
    }

    /// The boundary parameter of a media type; nil if there is none.
    package static func boundary(of mediaType: String) -> String? {
        for part in mediaType.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
            let value = pair[1].filter { $0 != "\"" }
            return value.isEmpty ? nil : value
        }
        return nil
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next complete part's content; nil if more bytes are needed.
    ///
    /// - Throws: `Failure` if a header or a part is larger than any camera sends.
    package mutating func next() throws(Failure) -> [UInt8]? {
        while true {
            switch state {
            case .header:
                guard let header = try takeHeader() else { return nil }
                guard let length = Self.length(in: header) else {
                    state = .body(length: nil)
                    continue
                }
                guard length <= Self.partLimit else {
                    throw Failure(message: "a part of \(length) bytes is larger than any picture")
                }
                state = .body(length: length)
            case .body(let length?):
                guard buffer.count >= length else { return nil }
                return finish(length, dropping: length)
            case .body(nil):
                guard let end = boundaryLine() else {
                    if buffer.count > Self.partLimit { throw Failure(message: "a part has no end") }
                    return nil
                }
                return finish(end.content, dropping: end.line)
            }
        }
    }

    private mutating func finish(_ content: Int, dropping count: Int) -> [UInt8] {
        let part = Array(buffer[..<content])
        buffer.removeFirst(count)
        (state, searched) = (.header, 0)
        return part
    }

    /// Takes the lines up to an empty one that ends a header. Empty lines and boundaries before the header are skipped.
    private mutating func takeHeader() throws(Failure) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var position = 0
        while let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = buffer[position..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            position = end + 1
            if line.isEmpty {
                guard lines.contains(where: { $0.contains(UInt8(ascii: ":")) }) else { continue }
                buffer.removeFirst(position)
                return lines
            }
            lines.append(Array(line))
        }
        if buffer.count > Self.headerLimit { throw Failure(message: "it has no header of a part") }
        return nil
    }

    private static func length(in header: [[UInt8]]) -> Int? {
        for line in header {
            let text = String(decoding: line, as: UTF8.self)
            let pair = text.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "content-length" else { continue }
            let value = Int(pair[1].filter { !$0.isWhitespace })
            return value.flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }

    /// The next line that holds the boundary: the length of the content before it, and the line's start.
    private mutating func boundaryLine() -> (content: Int, line: Int)? {
        guard !boundary.isEmpty else { return nil }
        var position = searched
        while let feed = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
            let rest = buffer[(feed + 1)...]
            // Two dashes before it, and perhaps as many as it has itself.
            let dashes = rest.prefix { $0 == UInt8(ascii: "-") }.count
            guard rest.count >= dashes + boundary.count + 1 else {
                searched = feed
                return nil
            }
            if rest.dropFirst(dashes).starts(with: boundary) {
                let hasReturn = feed > 0 && buffer[feed - 1] == UInt8(ascii: "\r")
                return (hasReturn ? feed - 1 : feed, feed + 1)
            }
            position = feed + 1
        }
        searched = position
        return nil
    }

    private static func core(_ boundary: ArraySlice<UInt8>) -> [UInt8] {
        var core = boundary.drop { $0 == UInt8(ascii: "-") }
        while core.last == UInt8(ascii: "-") { core.removeLast() }
        return Array(core)
    }
}
