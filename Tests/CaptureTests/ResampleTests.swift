import Frames
import Glibc
import Testing

@testable import Resampling

@Suite struct ResampleTests {
    /// The golden file's lines and pictures.
    struct Golden {
        var edges: [[Int]] = []
        var pictures: [(numbers: [Int], bytes: [UInt8])] = []

        init(_ name: String = "pillow_resize") throws {
            let folder = #filePath.prefix(upTo: try #require(#filePath.lastIndex(of: "/")))
            var rest = try shell("cat \(folder)/Golden/\(name).golden")[...]
            while !rest.isEmpty {
                let line = String(decoding: rest.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                rest = rest.dropFirst(line.utf8.count + 1)
                let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
                if line.hasPrefix("edge ") { edges.append(numbers) }
                if line.hasPrefix("resize ") {
                    let count = numbers[3] * numbers[4] * 3
                    pictures.append((numbers, Array(rest.prefix(count))))
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    /// Noise from the generator that made the golden file, followed by the slack that the resampler may read.
    static func noise(_ width: Int, _ height: Int) -> [UInt8] {
        var state: UInt32 = 1
        let bytes = (0..<width * height * 3).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        return bytes + [UInt8](repeating: 0, count: PixelBuffer.slack)
    }

    static func resized(_ source: [UInt8], _ width: Int, _ height: Int, _ transform: InputTransform) -> [UInt8] {
        let geometry = ResizeGeometry(sourceWidth: width, sourceHeight: height, transform: transform)
        let resampler = Resampler(geometry: geometry, transform: transform)
        return [UInt8](unsafeUninitializedCapacity: transform.byteCount) { buffer, count in
            count = transform.byteCount
            guard let output = buffer.baseAddress else { return }
            output.initialize(repeating: 7, count: count)
            source.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                resampler.resample(source, strideBytes: width * 3, into: output)
            }
        }
    }

    @Test func equalsPillowToTheBit() throws {
        let golden = try Golden()
        #expect(golden.pictures.count == 54)
        for (numbers, expected) in golden.pictures {
            let (kind, width, height) = (numbers[0], numbers[1], numbers[2])
            let filter = try #require(InputTransform.Filter(rawValue: kind))
            let transform = InputTransform(
                resize: .exact(width: numbers[3], height: numbers[4]),
                filter: filter,
                width: numbers[3],
                height: numbers[4]
            )
            let ours = Self.resized(Self.noise(width, height), width, height, transform)
            #expect(ours == expected, "\(filter) \(width)×\(height) to \(numbers[3])×\(numbers[4])")
        }
    }

    @Test func equalsOpenCVToTheBit() throws {
        let golden = try Golden("opencv_resize")
        #expect(golden.pictures.count == 10)
        for (numbers, expected) in golden.pictures {
            let transform = InputTransform(
                resize: .exact(width: numbers[3], height: numbers[4]),
                filter: .openCVLinear,
                width: numbers[3],
                height: numbers[4]
            )
            let ours = Self.resized(Self.noise(numbers[1], numbers[2]), numbers[1], numbers[2], transform)
            #expect(ours == expected, "\(numbers)")
        }
        #expect(golden.edges.count == 200)
        for numbers in golden.edges {
            let edge = InputTransform.Resize.roundedShortestEdge(numbers[0])
            let transform = InputTransform(resize: edge, filter: .openCVLinear, width: 32, height: 32)
            let geometry = ResizeGeometry(sourceWidth: numbers[1], sourceHeight: numbers[2], transform: transform)
            #expect([geometry.resizedWidth, geometry.resizedHeight] == [numbers[3], numbers[4]], "\(numbers)")
        }
    }

    /// The offsets of mmaction's ThreeCrop, which the authors evaluate with: 0, ⌊(w − c)/2⌋ and twice that.
    @Test(arguments: [InputTransform.Filter.openCVLinear, .bilinear])
    func cropsLieAtBothEndsAndInTheMiddle(filter: InputTransform.Filter) {
        let source = Self.noise(61, 47)
        var transform = InputTransform(resize: .exact(width: 40, height: 33), filter: filter, width: 40, height: 33)
        let whole = Self.resized(source, 61, 47, transform)
        transform.width = 33
        for (place, left) in zip(InputTransform.Place.allCases, [0, 3, 6]) {
            transform.place = place
            var expected: [UInt8] = []
            for row in 0..<33 {
                let start = (row * 40 + left) * 3
                expected += whole[start..<start + 99]
            }
            #expect(Self.resized(source, 61, 47, transform) == expected, "\(place)")
        }
    }

    @Test func shortestEdgeTruncatesAsPythonDoes() throws {
        let golden = try Golden()
        #expect(golden.edges.count == 200)
        for numbers in golden.edges {
            let transform = InputTransform(
                resize: .shortestEdge(numbers[0]),
                filter: .bilinear,
                width: numbers[0],
                height: numbers[0]
            )
            let geometry = ResizeGeometry(sourceWidth: numbers[1], sourceHeight: numbers[2], transform: transform)
            #expect([geometry.resizedWidth, geometry.resizedHeight] == [numbers[3], numbers[4]], "\(numbers)")
        }
    }

    @Test(arguments: [InputTransform.Filter.nearest, .bilinear, .bicubic, .lanczos])
    func cropShowsTheMiddleOfTheWhole(filter: InputTransform.Filter) {
        let source = Self.noise(61, 47)
        let (width, height) = (40, 33)
        let whole = Self.resized(
            source,
            61,
            47,
            InputTransform(resize: .exact(width: width, height: height), filter: filter, width: width, height: height)
        )
        for (cropWidth, cropHeight) in [(17, 20), (40, 10), (9, 33), (45, 20), (20, 40), (51, 36)] {
            let crop = Self.resized(
                source,
                61,
                47,
                InputTransform(
                    resize: .exact(width: width, height: height),
                    filter: filter,
                    width: cropWidth,
                    height: cropHeight
                )
            )
            // The position of the crop's pixel (0, 0) in the whole picture, by the reference's formula.
            let left = Int((Double(width - cropWidth) / 2).rounded(.down))
            let top = Int((Double(height - cropHeight) / 2).rounded(.down))
            var expected: [UInt8] = []
            for y in top..<top + cropHeight {
                for x in left..<left + cropWidth {
                    let inside = (0..<height).contains(y) && (0..<width).contains(x)
                    let at = (y * width + x) * 3
                    expected += inside ? Array(whole[at..<at + 3]) : [0, 0, 0]
                }
            }
            #expect(crop == expected, "\(cropWidth)×\(cropHeight)")
        }
    }
}
