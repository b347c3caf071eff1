import Foundation
import Testing
import Text

@testable import ONVIF

@Suite struct UsernameTokenTests {
    /// The example of the ONVIF Application Programmer's Guide, section 6.1.1.3.
    @Test func theDigestIsTheOneOfTheProgrammersGuide() throws {
        let nonce = try #require(Data(base64Encoded: "LKqI6G/AikKCQrN0zqZFlg=="))
        let login = CameraLogin(user: "user", password: "userpassword")
        let token = UsernameToken(login, nonce: Array(nonce), created: "2010-09-16T07:50:45Z")
        #expect(token.digest == "tuOSpGlFlIXsozq4HFNeeGeFLEI=")
        #expect(token.xml.contains(">tuOSpGlFlIXsozq4HFNeeGeFLEI=</Password>"))
        #expect(!token.xml.contains("userpassword"))
    }

    @Test func eachTokenHasItsOwnNonce() {
        let login = CameraLogin(user: "a<b", password: "p")
        let time = UTCTime(microseconds: 0)
        let (first, second) = (UsernameToken(login, at: time), UsernameToken(login, at: time))
        #expect(first.nonce != second.nonce && first.digest != second.digest)
        #expect(first.xml.contains("<Username>a&lt;b</Username>"))
    }

    @Test func noPasswordIsShown() {
        let login = CameraLogin(user: "u", password: "c4nary")
        var text = "\(login) \(String(reflecting: login))"
        dump(login, to: &text)
        #expect(!text.contains("c4nary"))
    }
}
