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

    @Test("what is not a camera's has keys that no camera's name has")
    func keys() {
        let mark = FleetSubjects.mark(of: "webhook-alarm")
        #expect(FleetSubjects.ClaimKey(subject: mark) == .mark("webhook-alarm"))
        let claim = FleetSubjects.claim(of: Placement.Camera.deliveries.name)
        #expect(FleetSubjects.ClaimKey(subject: claim) == .deliveries)
        // Permissions let a host write keys of one token.
        for key in [mark, claim] {
            #expect(key.dropFirst("$KV.watchword_claims.".count).allSatisfy { $0 != "." && $0 != "*" && $0 != ">" })
        }
        // An older host, which knows no marks, takes it for no camera.
        #expect(FleetSubjects.name(mark.dropFirst("$KV.watchword_claims.".count)) == nil)
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
