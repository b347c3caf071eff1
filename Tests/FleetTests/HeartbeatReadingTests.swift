import Testing
import Text

@testable import Fleet

@Suite("Reading heartbeats")
struct HeartbeatReadingTests {
    private static let gate = Heartbeat(host: "gate 1", run: "run", capacity: 10, load: 2.5, version: "1")

    /// - Parameter host: of the subject; nil for the heartbeat's own.
    private func message(_ heartbeat: Heartbeat, as host: String? = nil) -> EngineMessage {
        EngineMessage(
            subject: FleetSubjects.heartbeat(of: host ?? heartbeat.host),
            payload: Array(heartbeat.line.text.utf8)
        )
    }

    @Test("the same payload gives the same heartbeat, a changed one the new one")
    func payloads() {
        var reading = HeartbeatReading()
        var (gate, yard) = (Self.gate, Self.gate)
        yard.host = "yard"
        for _ in 0..<3 {
            #expect(reading.read(message(gate)) == gate)
            #expect(reading.read(message(yard)) == yard)
        }
        (gate.load, gate.isDraining) = (3.5, true)
        #expect(reading.read(message(gate)) == gate)
        #expect(reading.read(message(Self.gate)) == Self.gate)
        #expect(reading.read(message(yard)) == yard)
    }

    @Test("what is no heartbeat, or names another host than its subject does, is none, and changes nothing")
    func others() {
        var reading = HeartbeatReading()
        let foreign = message(Self.gate, as: "yard")
        let broken = EngineMessage(subject: FleetSubjects.heartbeat(of: "gate 1"), payload: Array("{".utf8))
        for _ in 0..<2 {
            #expect(reading.read(foreign) == nil)
            #expect(reading.read(broken) == nil)
            #expect(reading.read(message(Self.gate)) == Self.gate)
        }
    }

    @Test("a pulse is a heartbeat if it is not the first that is seen of its host, nor one that was seen before")
    func pulses() {
        var reading = HeartbeatReading()
        func pulse(_ sequence: UInt64, _ payload: String = Self.gate.line.text) -> StoredMessage {
            let subject = FleetSubjects.pulse(of: Self.gate.host)
            return StoredMessage(subject: subject, sequence: sequence, payload: Array(payload.utf8))
        }
        #expect(reading.read(pulse: pulse(7), of: Self.gate.host) == nil, "it may be of a host that died long ago")
        #expect(reading.read(pulse: pulse(9), of: Self.gate.host) == Self.gate)
        #expect(reading.read(pulse: pulse(9), of: Self.gate.host) == nil, "a watch that begins anew shows it again")
        #expect(reading.read(pulse: pulse(3), of: Self.gate.host) == Self.gate, "of a bucket that was made anew")
        #expect(reading.read(pulse: pulse(4, "run"), of: Self.gate.host) == nil, "of a version that writes its run")
    }
}
