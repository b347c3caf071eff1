import Frames
import Testing

@testable import Offline

@Suite struct ProbedSourceTests {
    private let input = InputTransform(resize: .shortestEdge(224), filter: .bicubic, width: 224, height: 224)

    private func advice(_ width: Int, _ height: Int, _ crop: Region? = nil) -> String? {
        ProbedSource.advice(width: width, height: height, crop: crop, input: input)
    }

    @Test func aStreamThatSuitsTheModelNeedsNoOther() {
        for (width, height) in [(640, 360), (704, 576), (1280, 720), (240, 320)] {
            #expect(advice(width, height) == nil)
        }
    }

    @Test func aStreamFarLargerThanTheModelIsSaid() {
        #expect(
            advice(3840, 2160)
                == "the model sees 224x224: a second stream of about 638x360 shows it as much, "
                + "with 36 times fewer pixels to decode"
        )
        #expect(advice(2160, 3840)?.contains("about 360x638") == true)
        #expect(advice(1920, 1080)?.contains("9 times fewer") == true)
    }

    @Test func aCropIsWhatCounts() {
        // A quarter of 4K's height is 540 rows: no smaller stream would show as much of them.
        #expect(advice(3840, 2160, Region(x: 0, y: 0, width: 0.25, height: 0.25)) == nil)
        #expect(
            advice(640, 360, Region(x: 0, y: 0, width: 0.5, height: 0.5))
                == "the model sees 224x224, and the crop has only 320x180 pixels: "
                + "a larger stream or crop would show it more"
        )
        #expect(advice(160, 120)?.contains("the picture has only 160x120 pixels: a larger stream would") == true)
    }
}
