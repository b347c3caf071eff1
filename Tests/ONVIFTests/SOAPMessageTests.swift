import Testing
import Text

@testable import ONVIF

@Suite struct SOAPMessageTests {
    private func answer(_ body: String) throws -> SOAPMessage.Answer {
        let text =
            #"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>\#(body)</e:Body></e:Envelope>"#
        return try SOAPMessage.answer(Array(text.utf8), named: "GetProfilesResponse")
    }

    /// The fault of section 5.8.2 of the ONVIF Core Specification, and those that older devices send.
    @Test(arguments: [
        """
        <e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code>
        <e:Reason><e:Text xml:lang="en">Sender not authorized</e:Text></e:Reason></e:Fault>
        """,
        """
        <e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value><e:Subcode>
        <e:Value>ter:TimeSkew</e:Value></e:Subcode></e:Subcode></e:Code><e:Reason><e:Text>Sender not authorized</e:Text>
        </e:Reason></e:Fault>
        """,
        "<Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>Sender not authorized</faultstring></Fault>",
    ])
    func aRefusedLoginIsKnownAsOne(fault: String) throws {
        guard case .fault(let fault) = try answer(fault) else { throw XMLFault(reason: "no fault") }
        #expect(fault.isRefusedLogin && fault.reason == "Sender not authorized")
    }

    @Test func otherFaultsAreNot() throws {
        let fault = try answer(
            """
            <e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>ter:ActionNotSupported</e:Value></e:Subcode>
            </e:Code></e:Fault>
            """
        )
        #expect(fault == .fault(SOAPMessage.Fault(code: "ActionNotSupported", reason: "")))
    }

    @Test func theAnswerMustBeTheOneAskedFor() throws {
        #expect(try answer("<GetProfilesResponse/>") == .response(XMLElement(name: "GetProfilesResponse")))
        #expect(throws: XMLFault.self) { try self.answer("<GetStreamUriResponse/>") }
        #expect(throws: XMLFault.self) { try SOAPMessage.answer(Array("<html/>".utf8), named: "x") }
    }

    @Test func theClockOfADeviceIsReadInUTC() throws {
        func time(_ date: String) throws -> UTCTime? {
            let text =
                "<r><SystemDateAndTime><DateTimeType>NTP</DateTimeType><UTCDateTime>\(date)</UTCDateTime></SystemDateAndTime></r>"
            return DeviceClock.time(try XMLElement(parsing: Array(text.utf8)))
        }
        let clock = "<Time><Hour>7</Hour><Minute>50</Minute><Second>5</Second></Time>"
        let date = "<Date><Year>2010</Year><Month>9</Month><Day>16</Day></Date>"
        #expect(try time(clock + date)?.description == "2010-09-16T07:50:05.000Z")
        #expect(try time(clock) == nil)
        #expect(try time(clock + "<Date><Year>2010</Year><Month>13</Month><Day>16</Day></Date>") == nil)
        #expect(try time(clock + "<Date><Year>-1</Year><Month>1</Month><Day>1</Day></Date>") == nil)
    }

    /// A token of a profile comes from the device and goes back to it.
    @Test func tokensAreEscaped() throws {
        let body = DeviceRequest.streamURI(.media, profile: "a\"><b").body
        let root = try XMLElement(parsing: Array(body.utf8))
        #expect(root.child("ProfileToken")?.text == "a\"><b" && root.children.count == 2)
    }
}
