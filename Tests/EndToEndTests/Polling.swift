import Testing

/// Long enough for the slowest machine; what is waited for comes much sooner.
let patience = Duration.seconds(60)

struct WaitedInVain: Error, CustomStringConvertible {
    var description: String
}

/// Waits until the condition gives a value. Fails the test with what was waited for, and `context`, where it never does.
func eventually<Value>(
    _ what: String,
    within limit: Duration = patience,
    context: () -> String = { "" },
    _ condition: () throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw WaitedInVain(description: "waited \(limit) in vain for: \(what)\n\(context())")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Waits until the condition holds.
func eventually(
    _ what: String,
    within limit: Duration = patience,
    context: () -> String = { "" },
    that condition: () throws -> Bool
) async throws {
    try await eventually(what, within: limit, context: context) { try condition() ? () : nil }
}

/// Waits until a condition that itself waits holds.
func eventually(
    _ what: String,
    within limit: Duration = patience,
    context: () -> String = { "" },
    that condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw WaitedInVain(description: "waited \(limit) in vain for: \(what)\n\(context())")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
