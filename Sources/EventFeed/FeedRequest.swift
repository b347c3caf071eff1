import Text

/// A line that a client sends.
///
/// `{"subscribe":{"types":[…],"streams":[…],"labels":[…],"since":N}}`, each key optional, or `{"status":{}}`. An
/// unknown key is refused by its name: a mistyped filter would otherwise silently pass what it should hold back.
enum FeedRequest: Equatable {
    case subscribe(Subscription)
    case status

    /// Why a request is refused, as a text for its sender.
    struct Refusal: Error, Equatable {
        var message: String
    }

    /// The request as a line.
    var line: JSONLine {
        var line = JSONLine()
        switch self {
        case .subscribe(let subscription): line.add("subscribe", subscription.line)
        case .status: line.add("status", JSONLine())
        }
        return line
    }

    init(parsing line: some Sequence<UInt8>) throws(Refusal) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            throw Refusal(message: "the request is not JSON: \(error)")
        }
        guard case .object(let members) = value else { throw Refusal(message: "a request is a JSON object") }
        guard let request = members.first else {
            throw Refusal(message: "the request is empty: \"subscribe\" or \"status\" is wanted")
        }
        for member in members where member.key != "subscribe" && member.key != "status" {
            throw Refusal(message: "unknown key \"\(member.key)\": requests are \"subscribe\" and \"status\"")
        }
        guard members.count == 1 else { throw Refusal(message: "one request a line: \"subscribe\" or \"status\"") }
        switch request.key {
        case "status":
            guard case .object(let options) = request.value, options.isEmpty else {
                throw Refusal(message: "\"status\" wants an empty object")
            }
            self = .status
        default:
            self = .subscribe(try Subscription(parsing: request.value))
        }
    }
}

extension Subscription {
    fileprivate init(parsing value: JSONValue) throws(FeedRequest.Refusal) {
        guard case .object(let members) = value else {
            throw FeedRequest.Refusal(message: "\"subscribe\" wants an object")
        }
        self.init()
        for member in members {
            switch member.key {
            case "types": types = try Self.types(member.value)
            case "streams": streams = try Self.patterns(member)
            case "labels": labels = try Self.patterns(member)
            case "since": since = try Self.since(member.value)
            default:
                let known = "types, streams, labels and since"
                throw FeedRequest.Refusal(message: "unknown key \"\(member.key)\" in \"subscribe\": it knows \(known)")
            }
        }
    }

    private static func types(_ value: JSONValue) throws(FeedRequest.Refusal) -> Set<RecordType> {
        let known = RecordType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        guard let elements = value.array, !elements.isEmpty else {
            throw FeedRequest.Refusal(message: "\"types\" wants a list of some of \(known)")
        }
        var types: Set<RecordType> = []
        for element in elements {
            guard let name = element.string, let type = RecordType(rawValue: name) else {
                let what = element.string.map { "\"\($0)\" in \"types\" is unknown" } ?? "\"types\" holds no string"
                throw FeedRequest.Refusal(message: "\(what): it knows \(known)")
            }
            types.insert(type)
        }
        return types
    }

    private static func patterns(_ member: JSONValue.Member) throws(FeedRequest.Refusal) -> [Glob] {
        guard let elements = member.value.array, !elements.isEmpty else {
            throw FeedRequest.Refusal(message: "\"\(member.key)\" wants a list of patterns; leave it out for all")
        }
        guard elements.count <= maxPatterns else {
            throw FeedRequest.Refusal(message: "\"\(member.key)\" takes at most \(maxPatterns) patterns")
        }
        var globs: [Glob] = []
        for element in elements {
            guard let pattern = element.string, pattern.unicodeScalars.count <= Glob.maxLength else {
                let wanted = "strings of at most \(Glob.maxLength) characters"
                throw FeedRequest.Refusal(message: "\"\(member.key)\" wants \(wanted)")
            }
            globs.append(Glob(pattern))
        }
        return globs
    }

    private static func since(_ value: JSONValue) throws(FeedRequest.Refusal) -> UInt64 {
        guard let whole = value.integer, let since = UInt64(exactly: whole) else {
            let wanted = "the seq of the last record you have, a whole number from 0"
            throw FeedRequest.Refusal(message: "\"since\" wants \(wanted)")
        }
        return since
    }
}
