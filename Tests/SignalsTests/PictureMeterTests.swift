import CAllocationCount
import Foundation
import Frames
import Signals
import TestSupport
import Testing

/// Pictures that are computed, so that what the meter must find is known.
@Suite struct PictureMeterTests {
    private static let (width, height) = (320, 180)

    private static func picture(
        _ width: Int = width,
        _ height: Int = height,
        _ level: (_ x: Int, _ y: Int) -> (Double, Double, Double)
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let (red, green, blue) = level(x, y)
                bytes += [red, green, blue].map { UInt8(min(255, max(0, $0.rounded()))) }
            }
        }
        return bytes
    }

    private static func grey(_ level: (_ x: Int, _ y: Int) -> Double) -> [UInt8] {
        picture {
            let value = level($0, $1)
            return (value, value, value)
        }
    }

    private static func ramp(_ x: Int, _ y: Int) -> Double { 40 + Double(x) / 320 * 120 + Double(y) / 180 * 60 }

    /// A number of the normal distribution, by Box and Muller's transform.
    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let (first, second) = (
            Double.random(in: Double.leastNonzeroMagnitude..<1, using: &generator),
            Double.random(in: 0..<1, using: &generator)
        )
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
    }

    private static func measure(_ meter: inout PictureMeter, _ picture: [UInt8]) throws -> PictureMeasures {
        let measures = picture.withUnsafeBufferPointer { pixels in
            pixels.baseAddress.flatMap { meter.measure($0, width: width, height: height, strideBytes: width * 3) }
        }
        return try #require(measures)
    }

    private static func measure(_ picture: [UInt8]) throws -> PictureMeasures {
        var meter = PictureMeter()
        return try measure(&meter, picture)
    }

    /// Another gain and a lamp leave the edges where they were; another view does not.
    @Test func aPictureWithoutColoursIsComparedWithTheLastThatHadSome() throws {
        var generator = SeededGenerator(seed: 3)
        let levels = (0..<32 * 32).map { _ in Double.random(in: 60...157, using: &generator) }
        let level = { (x: Int, y: Int) in levels[y / 12 * 32 + x / 16] }
        let tinted = Self.picture { x, y in
            let value = level(x, y)
            return x < 160 ? (value + 40, value, value - 20) : (value - 20, value, value + 40)
        }
        var meter = PictureMeter()
        #expect(try Self.measure(&meter, Self.grey(level)).likeness == 0)
        #expect(try Self.measure(&meter, tinted).colour >= 4)
        let night = Self.grey { x, y in 20 + 0.6 * level(x, y) + Double(y) / 5 }
        #expect(try Self.measure(&meter, night).likeness > 0.8)
        #expect(abs(try Self.measure(&meter, Self.grey { level($0 + 48, $1 + 36) }).likeness) < 0.25)
    }

    @Test(arguments: [0, 8, 16, 40, 128, 235, 255])
    func aFlatPictureHasNoContrastNoNoiseAndItsOwnLight(level: Int) throws {
        let measures = try Self.measure(Self.grey { _, _ in Double(level) })
        #expect(measures.contrast == 0 && measures.noise == 0 && measures.colour == 0)
        #expect(measures.light == Float(level))
    }

    @Test func aFlatColourIsNoContrastAndNoDeviation() throws {
        let measures = try Self.measure(Self.picture { _, _ in (20, 90, 220) })
        #expect(measures.contrast == 0 && measures.colour == 0)
    }

    @Test func contrastIsTheRangeOfTheBlocksWithoutTheirEnds() throws {
        // From 0 to 200 across: 90 % of that lies between the ends.
        let measures = try Self.measure(Self.grey { x, _ in Double(x) / 319 * 200 })
        #expect(abs(measures.contrast - 180) < 8)
        #expect(measures.noise < 0.5)
    }

    /// A block has 16 samples, so the calmest tenth of the blocks lies somewhat below the noise's own deviation.
    @Test(arguments: [4.0, 9, 18, 25])
    func noiseIsItsStandardDeviation(sigma: Double) throws {
        var generator = SeededGenerator(seed: 7)
        let picture = Self.grey { x, y in Self.ramp(x, y) + sigma * Self.normal(&generator) }
        let measures = try Self.measure(picture)
        #expect(Double(measures.noise) > 0.6 * sigma && Double(measures.noise) < sigma, "\(measures)")
    }

    @Test func edgesAndRampsAreNoNoise() throws {
        let measures = try Self.measure(Self.grey { x, y in x / 40 % 2 == y / 30 % 2 ? 30 : 200 })
        #expect(measures.noise == 0)
    }

    @Test func colourIsTheDistanceFromTheUsualColour() throws {
        // Two thirds grey, a third red of the same green.
        let measures = try Self.measure(Self.picture { x, _ in x < 213 ? (100, 100, 100) : (140, 100, 100) })
        // Luma rises by 77 of 256 parts of 40: 12. So red lies 28 above it, and blue 12 below.
        #expect(abs(measures.colour - 40) < 2)
        // A tint over all of it is no colour.
        let tinted = try Self.measure(Self.grey(Self.ramp).enumerated().map { $0 % 3 == 0 ? $1 - 30 : $1 })
        #expect(tinted.colour < 1)
    }

    @Test func unchangedCountsTheBlocksSinceTheLastPictureThatDiffered() throws {
        var meter = PictureMeter()
        let still = Self.grey { x, y in Self.ramp(x, y) + (x % 7 == 0 ? 20 : 0) }
        #expect(try Self.measure(&meter, still).unchanged == 0)
        #expect(try Self.measure(&meter, still).unchanged == 1)
        // A clock of 80 × 18 pixels: 2.5 % of the picture.
        var ticking = still
        for y in 0..<18 { for x in 0..<80 * 3 { ticking[y * Self.width * 3 + x] ^= 0xFF } }
        let share = try Self.measure(&meter, ticking).unchanged
        #expect(abs(share - 0.975) < 0.015)
        // A level more everywhere is another picture, which is then the one to compare with.
        let lighter = still.map { $0 + 1 }
        #expect(try Self.measure(&meter, lighter).unchanged == 0)
        #expect(try Self.measure(&meter, lighter).unchanged == 1)
    }

    @Test func measuringAllocatesNothingOnceTheSizeIsKnown() throws {
        var meter = PictureMeter()
        let picture = Self.grey(Self.ramp)
        _ = try Self.measure(&meter, picture)
        let allocations = picture.withUnsafeBufferPointer { pixels in
            let before = allocation_count_of_thread()
            for _ in 0..<3 {
                guard let base = pixels.baseAddress else { return UInt64.max }
                _ = meter.measure(base, width: Self.width, height: Self.height, strideBytes: Self.width * 3)
            }
            return UInt64(allocation_count_of_thread() - before)
        }
        #expect(allocations == 0)
    }

    @Test func slowDriftIsChange() throws {
        var meter = PictureMeter()
        var least: Float = 1
        for step in 0..<10 {
            // A quarter of a level at a time: no two neighbours differ much.
            let measures = try Self.measure(&meter, Self.grey { x, y in Self.ramp(x, y) + Double(step) / 4 })
            if step > 0 { least = min(least, measures.unchanged) }
        }
        #expect(least < 0.9)
    }

    @Test func anyOtherSizeBeginsAnewAndATinyPictureIsNotMeasured() throws {
        var meter = PictureMeter()
        _ = try Self.measure(&meter, Self.grey(Self.ramp))
        let small = [UInt8](repeating: 90, count: 16 * 12 * 3)
        let sizes = [(16, 12), (16, 12), (2, 12), (3, 3)]
        let measures = small.withUnsafeBufferPointer { pixels in
            sizes.map { width, height in
                pixels.baseAddress.flatMap { meter.measure($0, width: width, height: height, strideBytes: width * 3) }
            }
        }
        #expect(measures.map { $0?.unchanged } == [0, 1, nil, 0])
        #expect(measures[3]?.light == 90)
    }
}
