import Foundation

/// A JSON object of a checkpoint directory. Its errors name the file and the key.
package struct JSONFile {
    package let path: String
    private let key: String
    private let values: [String: Any]

    /// Far more values than CLIP's tokenizer has, which are 150 000. The parser takes some 2 µs and 400 bytes for each.
    private static let maximumValues = 400_000

    /// - Parameter limit: bytes; a larger file is refused.
    package init(path: String, limit: Int = 1 << 20) throws(CheckpointError) {
        let remedy = "an X-CLIP checkpoint directory holds it"
        let bytes = try CheckpointFile.contents(of: path, limit: limit, ifAbsent: remedy)
        guard Self.commas(in: bytes) < Self.maximumValues else {
            let message = "holds more values than any X-CLIP model's; is it the right file?"
            throw CheckpointError(.unsupported, at: path, message)
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)), let values = object as? [String: Any]
        else {
            throw CheckpointError(.malformed, at: path, GitLFS.isPointer(bytes) ? GitLFS.message : "not a JSON object")
        }
        self.init(path: path, key: "", values: values)
    }

    /// Commas outside strings: one less than the values at each place.
    private static func commas(in bytes: [UInt8]) -> Int {
        var (count, isString, isEscaped) = (0, false, false)
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isString: isEscaped = true
            case UInt8(ascii: "\""): isString.toggle()
            case UInt8(ascii: ",") where !isString: count += 1
            default: break
            }
        }
        return count
    }

    /// - Parameter path: named in errors; the file is not read.
    package init(path: String, values: [String: Any]) { self.init(path: path, key: "", values: values) }

    private init(path: String, key: String, values: [String: Any]) {
        self.path = path
        self.key = key
        self.values = values
    }

    /// Whether there is a value. A null is one.
    package func has(_ name: String) -> Bool { values[name] != nil }

    package func isNull(_ name: String) -> Bool { values[name] is NSNull }

    package var names: Set<String> { Set(values.keys) }

    /// The object under `name`; nil if there is none, or a null.
    package func object(_ name: String) throws(CheckpointError) -> JSONFile? {
        guard has(name), !isNull(name) else { return nil }
        guard let object = values[name] as? [String: Any] else { throw wrong(name, "an object") }
        return JSONFile(path: path, key: key + name + ".", values: object)
    }

    package func isObject(_ name: String) -> Bool { values[name] is [String: Any] }

    /// The objects of the list under `name`, each by its place in the list; nil if there is none, or a null.
    package func objects(_ name: String) throws(CheckpointError) -> [JSONFile]? {
        guard has(name), !isNull(name) else { return nil }
        guard let list = values[name] as? [[String: Any]] else { throw wrong(name, "a list of objects") }
        return list.enumerated().map { JSONFile(path: path, key: "\(key)\(name)[\($0)].", values: $1) }
    }

    /// An object without values, in the place of this one.
    package var emptied: JSONFile { JSONFile(path: path, key: key, values: [:]) }

    /// A whole number from `least` to `most`; `fallback` if it is missing.
    package func size(
        _ name: String,
        default fallback: Int,
        most: Int = 1 << 20,
        least: Int = 1
    ) throws(CheckpointError) -> Int {
        guard has(name) else { return fallback }
        guard let size = whole(values[name]), size >= least, size <= most else {
            throw wrong(name, "a whole number from \(least) to \(most)")
        }
        return size
    }

    /// A square's side: one number, or a list that holds it twice.
    package func side(_ name: String, default fallback: Int) throws(CheckpointError) -> Int {
        guard let pair = values[name] as? [Any] else { return try size(name, default: fallback, most: 8192) }
        let sides = pair.map { whole($0) }
        guard sides.count == 2, let first = sides[0], sides[1] == first, first > 0, first <= 8192 else {
            throw wrong(name, "one size, or the same size twice: only square inputs are supported")
        }
        return first
    }

    package func number(_ name: String, default fallback: Double) throws(CheckpointError) -> Double {
        guard has(name) else { return fallback }
        guard let number = number(values[name]) else { throw wrong(name, "a number") }
        return number
    }

    /// A number that is written as a real one: transformers refuses a whole one in its place.
    package func real(_ name: String, default fallback: Double) throws(CheckpointError) -> Double {
        guard let number = values[name] as? NSNumber, !Self.isReal(number) else {
            return try number(name, default: fallback)
        }
        throw wrong(name, "a real number, such as 1e-5")
    }

    /// A list of `count` numbers, or one number for all of them.
    package func numbers(_ name: String, count: Int, default fallback: [Double]) throws(CheckpointError) -> [Double] {
        guard has(name) else { return fallback }
        if let one = number(values[name]) { return Array(repeating: one, count: count) }
        let numbers = (values[name] as? [Any])?.compactMap { number($0) }
        guard let numbers, numbers.count == count, (values[name] as? [Any])?.count == count else {
            throw wrong(name, "a list of \(count) numbers")
        }
        return numbers
    }

    package func flag(_ name: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        guard has(name) else { return fallback }
        guard let flag = values[name] as? NSNumber, Self.isFlag(flag) else { throw wrong(name, "true or false") }
        return flag.boolValue
    }

    package func text(_ name: String, default fallback: String) throws(CheckpointError) -> String {
        guard has(name) else { return fallback }
        guard let text = values[name] as? String else { throw wrong(name, "a string") }
        return text
    }

    /// The text under `name`; nil if there is none, or a null.
    package func text(_ name: String) throws(CheckpointError) -> String? {
        has(name) && !isNull(name) ? try text(name, default: "") : nil
    }

    package func list(_ name: String) -> [Any]? { values[name] as? [Any] }

    /// Whether `other` has the same value under `name`, or neither has one.
    package func equals(_ other: Any?, under name: String) -> Bool {
        switch (values[name], other) {
        case (nil, nil): true
        case (let own as NSObject, let other as NSObject): own == other
        default: false
        }
    }

    /// The object as a map from strings to whole numbers, such as a vocabulary.
    package func wholeNumbers() throws(CheckpointError) -> [String: Int] {
        var result: [String: Int] = [:]
        result.reserveCapacity(values.count)
        for (name, value) in values {
            guard let number = whole(value), number >= 0, number < 1 << 30 else {
                throw wrong(name, "a token's number")
            }
            result[name] = number
        }
        return result
    }

    package func wrong(_ name: String, _ wanted: String) -> CheckpointError {
        CheckpointError(.malformed, at: path, "\(key)\(name) must be \(wanted)")
    }

    /// A size is written as 1, not as 1.0 or true: transformers refuses those.
    private func whole(_ value: Any?) -> Int? {
        guard let number = value as? NSNumber, !Self.isFlag(number), !Self.isReal(number) else { return nil }
        return Int(exactly: number.doubleValue)
    }

    private func number(_ value: Any?) -> Double? {
        guard let number = value as? NSNumber, !Self.isFlag(number), number.doubleValue.isFinite else { return nil }
        return number.doubleValue
    }

    private static func isFlag(_ number: NSNumber) -> Bool { encoding(number) == UInt8(ascii: "c") }

    private static func isReal(_ number: NSNumber) -> Bool {
        [UInt8(ascii: "d"), UInt8(ascii: "f")].contains(encoding(number))
    }

    /// Objective-C's letter for the number's type, which Foundation keeps from the JSON.
    private static func encoding(_ number: NSNumber) -> UInt8 { UInt8(bitPattern: number.objCType.pointee) }
}
