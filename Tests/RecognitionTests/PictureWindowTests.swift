import Events
import Foundation
import Frames
import Testing
import XCLIP

@testable import Recognition
@testable import System

/// A stream whose picture has several parts, with a tiny model of random weights.
@Suite struct PictureWindowTests {
    private static let directory: Result<String, any Error> = Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ww-parts-\(UUID().uuidString)").path
        try RandomCheckpoint.write(.tiny, to: path, seed: 5)
        return path
    }

    private struct Bench {
        let model: XCLIPModel
        let encoder: FrameEncoder
        let embeddings: LabelEmbeddings
        var specification: StreamSpecification

        init(precision: Precision = .float32, _ change: (inout StreamSpecification) -> Void = { _ in }) throws {
            let directory = try PictureWindowTests.directory.get()
            let rules = EventRules(threshold: 0, release: 0, minDuration: .zero, hold: .zero, cooldown: .zero)
            specification = StreamSpecification(
                name: "s",
                labels: [.init(name: "a", text: "a dog", rules: rules), .init(name: "b", text: "a cat", rules: rules)],
                view: .tiles,
                window: .seconds(8)
            )
            change(&specification)
            model = try XCLIPModel(directory: directory, precision: precision)
            embeddings = try TextEncoder(directory: directory).encode(specification.texts, threads: 1)
            encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 3)
        }

        func window(_ view: PictureView) -> PictureWindow {
            var specification = specification
            specification.view = view
            return PictureWindow(specification: specification, embeddings: embeddings, encoder: encoder)
        }

        /// Passes one picture through the window. Returns whether it decided.
        func step(_ window: PictureWindow, _ pixels: [UInt8], tick: Int, parts: PictureParts) -> Bool {
            pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1, parts: parts)
                encoder.encode(specification.reuse) { window.offer(frame, pixels: base, into: &$0) }
            }
            return window.decide()
        }

        func picture(_ seed: Int) -> [UInt8] {
            var state = UInt64(truncatingIfNeeded: seed) &* 77
            return (0..<model.transform.byteCount).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(state >> 56)
            }
        }
    }

    /// Three streams, each of which sees one part, say what the parts score.
    @Test(arguments: [ReuseLevel.exact, .sweep, .cached], [Scoring.independent, .exclusive])
    func theHighestScoreOfThePartsDecides(reuse: ReuseLevel, scoring: Scoring) throws {
        let bench = try Bench {
            $0.reuse = reuse
            $0.scoring = scoring
        }
        let (tiled, alone) = (bench.window(.tiles), (0..<3).map { _ in bench.window(.square) })
        var winners = Set<PicturePart>()
        var decisions = 0
        for tick in 0..<24 {
            let parts = (0..<3).map { bench.picture(100 * $0 + tick) }
            let decided = bench.step(tiled, parts.flatMap(\.self), tick: tick, parts: .across(3))
            let each = zip(alone, parts).map { bench.step($0, $1, tick: tick, parts: .one) }
            #expect(each.allSatisfy { $0 == decided })
            guard decided else { continue }
            decisions += 1
            for label in 0..<2 {
                let scores = alone.map { $0.scores[label] }
                let best = try #require(scores.max())
                #expect(abs(tiled.scores[label] - best) < 1e-4)
                let part = try #require(tiled.part(ofLabel: label))
                winners.insert(part)
                let index = try #require([PicturePart.left, .middle, .right].firstIndex(of: part))
                #expect(scores[index] > best - 1e-4)
                #expect(abs(tiled.logits[label] - alone[index].logits[label]) < 1e-3)
            }
        }
        #expect(decisions == 17 && winners.count > 1)
    }

    @Test func aPartWithNothingNewIsNotEncoded() throws {
        let bench = try Bench {
            $0.gate = 2
            $0.gateRefresh = .seconds(1000)
        }
        let window = bench.window(.tiles)
        for tick in 0..<12 {
            let pixels = [7, 8, 1000 + tick].flatMap { bench.picture($0) }
            _ = bench.step(window, pixels, tick: tick, parts: .down(3))
        }
        // The lowest part changes at each tick; the others are encoded once.
        #expect(window.counts.encoded == 12 + 1 + 1)
        #expect(window.counts.gated == 2 * 11)
        #expect(window.freshWindows == 1)
    }

    @Test func aPictureOfAnotherShapeBeginsANewWindow() throws {
        let bench = try Bench()
        let window = bench.window(.tiles)
        var decided: [Int] = []
        for tick in 0..<20 {
            let parts: PictureParts = tick < 10 ? .across(2) : .one
            let pixels = (0..<parts.count).flatMap { bench.picture(50 * $0 + tick) }
            if bench.step(window, pixels, tick: tick, parts: parts) { decided.append(tick) }
            if tick >= 10 { #expect(window.part(ofLabel: 0) == nil) }
        }
        // Eight pictures fill a window.
        #expect(decided == [7, 8, 9, 17, 18, 19])
    }

    @Test func anExactDecisionIsExactInEveryPart() throws {
        let bench = try Bench { $0.confirm = true }
        let (tiled, alone) = (bench.window(.tiles), (0..<3).map { _ in bench.window(.square) })
        for tick in 0..<9 {
            let parts = (0..<3).map { bench.picture(100 * $0 + tick) }
            _ = bench.step(tiled, parts.flatMap(\.self), tick: tick, parts: .across(3))
            for (window, part) in zip(alone, parts) { _ = bench.step(window, part, tick: tick, parts: .one) }
        }
        #expect(!tiled.isExact)
        #expect(tiled.decideExactly() && tiled.isExact)
        #expect(alone.allSatisfy { $0.decideExactly() })
        for label in 0..<2 {
            #expect(abs(tiled.scores[label] - (alone.map { $0.scores[label] }.max() ?? 0)) < 1e-4)
        }
        #expect(tiled.counts.exactPasses == 3)
    }

    /// A pass computes the parts that none of its precision or a higher one computed; the parts' lowest precision is the picture's.
    @Test func aPassInInt8LeavesOutThePartsThatHaveOne() throws {
        let bench = try Bench(precision: .int8) {
            $0.confirm = true
            $0.gate = 2
            $0.gateRefresh = .seconds(1000)
        }
        let window = bench.window(.tiles)
        func show(_ tick: Int) {
            let pixels = [7, 8, 1000 + tick].flatMap { bench.picture($0) }
            _ = bench.step(window, pixels, tick: tick, parts: .across(3))
        }
        for tick in 0..<10 { show(tick) }
        #expect(window.exactPass == nil)
        #expect(window.decideExactly(.int8) && window.exactPass == .int8 && !window.isExact)
        #expect(window.counts.int8Passes == 3)
        show(10)
        // Only the part on the right has changed.
        #expect(window.exactPass == nil && window.freshWindows == 1)
        #expect(window.decideExactly(.int8) && window.exactPass == .int8)
        #expect(window.counts.int8Passes == 4 && window.counts.exactPasses == 0)
        #expect(window.decideExactly() && window.isExact)
        #expect(window.decideExactly(.int8) && window.isExact)
        #expect(window.counts.int8Passes == 4 && window.counts.exactPasses == 3)
    }

    /// One event per label, wherever it is seen; it says where its highest score was.
    @Test func anEventSaysWhereItWas() throws {
        let bench = try Bench()
        var recogniser = StreamRecogniser(
            specification: bench.specification,
            embeddings: bench.embeddings,
            encoder: bench.encoder,
            auditSeed: 1
        )
        let alone = (0..<3).map { _ in bench.window(.square) }
        var made: [Transition] = []
        var highest = (score: -1.0, part: PicturePart.left)
        for tick in 0..<30 {
            let parts = (0..<3).map { bench.picture(100 * $0 + tick) }
            for (index, part) in parts.enumerated() where bench.step(alone[index], part, tick: tick, parts: .one) {
                let score = alone[index].scores[0]
                if score > highest.score { highest = (score, [.left, .middle, .right][index]) }
            }
            parts.flatMap(\.self).withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1, parts: .across(3))
                bench.encoder.encode(bench.specification.reuse) { recogniser.offer(frame, pixels: base, into: &$0) }
            }
            guard recogniser.decide(at: .seconds(tick)) else { continue }
            recogniser.moveEvents(at: .seconds(tick)) { if $1 == 0 { made.append($0) } }
        }
        recogniser.end(.sourceLost, at: .seconds(30)) { if $1 == 0 { made.append($0) } }
        #expect(made.first?.kind == .started && made.filter { $0.kind == .started }.count == 1)
        let end = try #require(made.last)
        #expect(end.kind == .ended(.sourceLost))
        #expect(abs(end.topScore - highest.score) < 1e-4)
        #expect(end.part == highest.part)
    }
}
