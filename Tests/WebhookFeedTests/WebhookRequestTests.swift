import Foundation
import HTTP
import TestSupport
import Testing

@testable import WebhookFeed

@Suite struct WebhookRequestTests {
    /// The example of the specification's own libraries.
    @Test func theSignatureIsTheSpecifications() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let signature = secret.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func opensslComputesTheSameSignature() throws {
        let directory = try TemporaryDirectory()
        let key = [UInt8](0..<32)
        let secret = try #require(WebhookSecret("whsec_" + Data(key).base64EncodedString()))
        let body: [UInt8] = [0, 0xFF, 0x0A, 0x7B] + Array("ü".utf8)
        var signed = Data("feed-7.1700000000.".utf8)
        signed.append(contentsOf: body)
        let path = directory.path + "/signed"
        try signed.write(to: URL(filePath: path))
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        let hex = key.map { String(format: "%02x", $0) }.joined()
        openssl.arguments = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(hex)", "-binary", path]
        let output = Pipe()
        openssl.standardOutput = output
        try openssl.run()
        let digest = output.fileHandleForReading.readDataToEndOfFile()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0 && digest.count == 32)
        let signature = secret.signature(id: "feed-7", timestamp: 1_700_000_000, body: body)
        #expect(signature == "v1," + digest.base64EncodedString())
    }

    @Test(arguments: ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%"])
    func whatIsNoSecret(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func theOperatorsHeadersTakeTheirPlace() throws {
        var settings = WebhookSettings()
        settings.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        settings.headers = [
            HTTPHeader("title", "mine"), HTTPHeader("Content-Type", "a/b"), HTTPHeader("Priority", "high"),
        ]
        let record = try WebhookTemplateTests.record(WebhookTemplateTests.started)
        let request = WebhookRequest(record, picture: nil, template: .ntfy)
        let headers = request.headers(id: "f-7", timestamp: 17, for: settings)
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature", "title", "Priority"])
        #expect(headers.prefix(2).map(\.value) == ["f-7", "17"])
        #expect(!"\(headers)\(settings)".contains("mine") && !"\(settings)".contains("MfKQ"))
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("mine") && !dumped.contains("MfKQ"))
    }

    @Test func onlyTheHostIsShown() {
        var settings = WebhookSettings()
        settings.url = "https://u:p4ss@hooks.example.net:8443/T0/B0/s3cret?k=v"
        #expect(settings.place == "https://hooks.example.net:8443/***")
        settings.url = "https://ntfy.sh"
        #expect(settings.place == "https://ntfy.sh/***")
    }

    @Test func whatAnAnswerMeans() {
        func verdict(_ status: Int) -> String {
            switch WebhookVerdict(status: status, retryAfter: nil) {
            case .delivered: "delivered"
            case .refused: "refused"
            case .later(_, _, let mayConcernRecord): mayConcernRecord ? "later, a day" : "later"
            case .cancelled: "cancelled"
            }
        }
        for status in [200, 201, 204] { #expect(verdict(status) == "delivered") }
        for status in [301, 308, 400, 404, 405, 410, 413, 422] { #expect(verdict(status) == "refused", "\(status)") }
        for status in [401, 403, 407, 500, 501] { #expect(verdict(status) == "later, a day", "\(status)") }
        for status in [408, 425, 429, 502, 503, 504, 522] { #expect(verdict(status) == "later", "\(status)") }
    }
}
