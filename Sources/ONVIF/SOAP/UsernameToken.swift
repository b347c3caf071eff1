import Foundation
import System
import Text

/// The WS-Security header that ONVIF authenticates with: a digest of the password that holds for a few seconds of the device's
/// own clock.
///
/// Source: OASIS Web Services Security UsernameToken Profile 1.0, and section 5.9.4 of the ONVIF Core Specification.
struct UsernameToken {
    private static let security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
    private static let profile = security + "-username-token-profile-1.0#PasswordDigest"
    private static let encoding = security + "-soap-message-security-1.0#Base64Binary"

    let login: CameraLogin
    let nonce: [UInt8]
    /// By the device's clock.
    let created: String

    init(_ login: CameraLogin, nonce: [UInt8], created: String) {
        self.login = login
        self.nonce = nonce
        self.created = created
    }

    /// With a new nonce.
    init(_ login: CameraLogin, at time: UTCTime) {
        self.init(login, nonce: (0..<16).map { _ in UInt8.random(in: 0...255) }, created: time.description)
    }

    /// Base64(SHA-1(nonce + created + password)).
    var digest: String {
        var digest = ContentDigest(.sha1)
        digest.add(nonce)
        digest.add(created)
        digest.add(login.password)
        return Data(digest.finishBytes()).base64EncodedString()
    }

    var xml: String {
        """
        <Security s:mustUnderstand="1" xmlns="\(Self.security)-wssecurity-secext-1.0.xsd"><UsernameToken>\
        <Username>\(login.user.xmlEscaped())</Username>\
        <Password Type="\(Self.profile)">\(digest)</Password>\
        <Nonce EncodingType="\(Self.encoding)">\(Data(nonce).base64EncodedString())</Nonce>\
        <Created xmlns="\(Self.security)-wssecurity-utility-1.0.xsd">\(created)</Created>\
        </UsernameToken></Security>
        """
    }
}
