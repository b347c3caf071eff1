import Foundation

/// The one time limit of the tests. It ends a hang and is never part of what a test proves: what must happen is waited for
/// however slow the machine is, and what must not happen is shown by the order of what does.
package let patience = Duration.seconds(600)

/// The limit passed before the condition held.
package struct WaitedInVain: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
}

/// Waits until the condition gives a value. Fails the test with what was waited for, and `context`, where it never does.
package func eventually<Value>(
    _ what: String,
    context: () -> String = { "" },
    _ condition: () throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + patience
    while true {
        if let value = try condition() { return value }
        try check(deadline, what, context)
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Waits until the condition holds.
package func eventually(
    _ what: String,
    context: () -> String = { "" },
    that condition: () throws -> Bool
) async throws {
    try await eventually(what, context: context) { try condition() ? () : nil }
}

/// Waits until a condition that itself waits holds.
package func eventually(
    _ what: String,
    context: () -> String = { "" },
    that condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !condition() {
        try check(deadline, what, context)
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Blocks until the condition gives a value, which another thread brings about.
package func blockUntil<Value>(
    _ what: String,
    context: () -> String = { "" },
    _ condition: () throws -> Value?
) throws -> Value {
    let deadline = ContinuousClock.now + patience
    while true {
        if let value = try condition() { return value }
        try check(deadline, what, context)
        usleep(2000)
    }
}

/// Blocks until another thread has brought the condition about.
package func blockUntil(_ what: String, context: () -> String = { "" }, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + patience
    while try !condition() {
        try check(deadline, what, context)
        usleep(2000)
    }
}

private func check(_ deadline: ContinuousClock.Instant, _ what: String, _ context: () -> String) throws {
    guard ContinuousClock.now < deadline else {
        throw WaitedInVain(description: "waited \(patience) in vain for: \(what)\n\(context())")
    }
}
