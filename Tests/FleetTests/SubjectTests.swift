import Testing

@testable import Fleet

@Suite("Subjects")
struct SubjectTests {
    @Test(
        "a name becomes one token and comes back",
        arguments: ["node-7", "node-7.example.org", "Hof & Tür", "=2e", "a.>", "*", " ", "摄像头", "$KV"]
    )
    func tokens(name: String) {
        let token = FleetSubjects.token(name)
        #expect(
            token.utf8.allSatisfy {
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=".utf8.contains($0)
            }
        )
        #expect(FleetSubjects.name(token[...]) == name)
        #expect(FleetSubjects.ClaimKey(subject: FleetSubjects.claim(of: name)) == .camera(name))
        #expect(FleetSubjects.ClaimKey(subject: FleetSubjects.pulse(of: name)) == .pulse(name))
        let record = FleetSubjects.record(FleetSubjects.late(of: name, by: "h.1"))
        #expect(record?.camera == name && record?.host == "h.1" && record?.isLate == true)
    }

    @Test("other texts are no names", arguments: ["", "a b", "=", "=2", "=zz", "a.b", "=ff"])
    func others(token: String) {
        #expect(FleetSubjects.name(token[...]) == nil)
    }

    @Test(
        "other subjects are neither claims nor records",
        arguments: ["", "watchword.ev.", "watchword.ev.a", "$KV.x.y", "a.b.c"]
    )
    func strangers(subject: String) {
        #expect(FleetSubjects.record(subject) == nil)
        #expect(FleetSubjects.ClaimKey(subject: subject) == nil)
    }
}
