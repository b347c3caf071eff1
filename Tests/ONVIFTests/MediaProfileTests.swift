import Testing

@testable import ONVIF

@Suite struct MediaProfileTests {
    private func profile(_ name: String, _ width: Int, _ height: Int, _ codec: String = "H264", _ rate: Double = 25)
        -> MediaProfile
    {
        MediaProfile(token: name, name: name, codec: codec, width: width, height: height, rate: rate)
    }

    private func ranked(_ profiles: [MediaProfile], _ side: Int = 224) -> [String] {
        MediaProfile.ranked(profiles, shortSide: side).map(\.name)
    }

    @Test func theSmallestThatServesTheModelComesFirst() {
        let profiles = [
            profile("main", 2560, 1440), profile("tiny", 160, 120), profile("sub", 640, 360),
            profile("third", 704, 576),
            profile("small", 320, 180), profile("unknown", 0, 0),
        ]
        #expect(ranked(profiles) == ["sub", "third", "main", "unknown", "small", "tiny"])
        #expect(ranked(profiles, 128) == ["small", "sub", "third", "main", "unknown", "tiny"])
        #expect(ranked(profiles, 2000) == ["unknown", "main", "third", "sub", "small", "tiny"])
        #expect(ranked([]) == [])
    }

    @Test func amongEqualSizesTheCheaperComesFirst() {
        let profiles = [
            profile("jpeg", 640, 480, "JPEG"), profile("h265", 640, 480, "H265"), profile("fast", 640, 480, "H264", 30),
            profile("slow", 640, 480, "H264", 10), profile("same", 640, 480, "H264", 10),
        ]
        #expect(ranked(profiles) == ["slow", "same", "fast", "h265", "jpeg"])
    }

    private func parsed(_ xml: String) throws -> MediaProfile? {
        MediaProfile(try XMLElement(parsing: Array(xml.utf8)))
    }

    /// In the forms of the ONVIF Media and Media2 Specifications.
    @Test func bothMediaServicesAreUnderstood() throws {
        let first = try parsed(
            """
            <Profiles token="Profile_2" fixed="true"><Name>sub</Name><VideoSourceConfiguration token="v"/>
            <VideoEncoderConfiguration token="e"><Name>e</Name><Encoding>H264</Encoding><Resolution><Width>640</Width>
            <Height>360</Height></Resolution><Quality>3</Quality><RateControl><FrameRateLimit>15</FrameRateLimit>
            <EncodingInterval>1</EncodingInterval></RateControl></VideoEncoderConfiguration></Profiles>
            """
        )
        let second = try parsed(
            """
            <Profiles token="Profile_2" fixed="true"><Name>sub</Name><Configurations><VideoEncoder token="e" GovLength="50">
            <Encoding>H264</Encoding><Resolution><Width>640</Width><Height>360</Height></Resolution>
            <RateControl ConstantBitRate="true"><FrameRateLimit>15.0</FrameRateLimit></RateControl></VideoEncoder>
            </Configurations></Profiles>
            """
        )
        let expected = MediaProfile(token: "Profile_2", name: "sub", codec: "H264", width: 640, height: 360, rate: 15)
        #expect(first == expected && second == expected)
        #expect(expected.summary == "H264, 640x360, 15 pictures a second")
    }

    @Test func oddNumbersAreUnknown() throws {
        #expect(try parsed("<Profiles token='a'><Name>audio</Name></Profiles>") == nil)
        let odd = try parsed(
            """
            <Profiles token="x"><VideoEncoderConfiguration><Encoding>H264</Encoding><Resolution><Width>-1</Width>
            <Height>99999999999999999999</Height></Resolution><RateControl><FrameRateLimit>nan</FrameRateLimit></RateControl>
            </VideoEncoderConfiguration></Profiles>
            """
        )
        #expect(odd == MediaProfile(token: "x", name: "x", codec: "H264", width: 0, height: 0, rate: nil))
        #expect(odd?.summary == "H264, size unknown")
    }
}
