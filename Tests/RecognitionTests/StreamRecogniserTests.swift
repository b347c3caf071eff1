import Events
import Foundation
import Frames
import Testing
import XCLIP

@testable import Recognition
@testable import System

/// The core that live streams and files share, with a tiny model of random weights.
@Suite struct StreamRecogniserTests {
    private static let directory: Result<String, any Error> = Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ww-core-\(UUID().uuidString)").path
        try RandomCheckpoint.write(.tiny, to: path, seed: 5)
        return path
    }

    private struct Record: Equatable {
        var scores: [[Double]] = []
        var exactAt: [Int] = []
        var transitions: [Transition] = []
        var labels: [Int] = []
        var counts = WindowSession.Counts()
    }

    private func picture(_ seed: Int) -> [UInt8] {
        var state = UInt64(seed) &* 77
        return (0..<64 * 64 * 3).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }

    /// 40 pictures, one second apart.
    private func run(
        threshold: Double = 0.5,
        seed: UInt64 = 1,
        _ change: (inout StreamSpecification) -> Void
    ) throws -> Record {
        let rules = EventRules(
            threshold: threshold,
            release: threshold,
            minDuration: .zero,
            hold: .zero,
            cooldown: .seconds(2)
        )
        var specification = StreamSpecification(
            name: "s",
            labels: [.init(name: "a", text: "a dog", rules: rules), .init(name: "b", text: "a cat", rules: rules)],
            window: .seconds(8)
        )
        change(&specification)
        let directory = try Self.directory.get()
        let model = try XCLIPModel(directory: directory)
        let embeddings = try TextEncoder(directory: directory).encode(specification.texts, threads: 1)
        let encoder = FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1)
        var recogniser = StreamRecogniser(
            specification: specification,
            embeddings: embeddings,
            encoder: encoder,
            auditSeed: seed
        )
        var record = Record()
        func note(_ transition: Transition, _ label: Int) {
            record.transitions.append(transition)
            record.labels.append(label)
        }
        for tick in 0..<40 {
            picture(tick).withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                let frame = SampledFrame(time: Double(tick), ticks: tick..<tick + 1)
                encoder.encode(specification.reuse) { recogniser.offer(frame, pixels: base, into: &$0) }
            }
            guard recogniser.decide(at: .seconds(tick)) else { continue }
            record.scores.append(recogniser.scores)
            if recogniser.isExact { record.exactAt.append(tick) }
            recogniser.moveEvents(at: .seconds(tick), note)
        }
        recogniser.end(.sourceLost, at: .seconds(39), note)
        record.counts = recogniser.counts
        return record
    }

    /// A threshold in the middle of the random model's scores, so that events start and end.
    private func middle(_ record: Record) -> Double {
        let scores = record.scores.map { $0[0] }.sorted()
        return scores[scores.count / 2]
    }

    @Test func eventsEqualThoseOfTheStateMachines() throws {
        let threshold = middle(try run { $0.reuse = .exact })
        let record = try run(threshold: threshold) { $0.reuse = .exact }
        for label in 0..<2 {
            var detected = DetectedEvents()
            for (transition, owner) in zip(record.transitions, record.labels) where owner == label {
                detected.add(transition)
            }
            let rules = EventRules(
                threshold: threshold,
                release: threshold,
                minDuration: .zero,
                hold: .zero,
                cooldown: .seconds(2)
            )
            // The first window is full after eight pictures.
            let scores = record.scores.enumerated().map { (time: Duration.seconds($0 + 7), score: $1[label]) }
            #expect(detected.events == DetectedEvents.make(of: scores, rules: rules))
            if label == 0 { #expect(detected.events.count > 1) }
        }
    }

    @Test func theSeedChoosesTheAudits() throws {
        let first = try run(seed: 1) { $0.audit = 0.3 }
        let again = try run(seed: 1) { $0.audit = 0.3 }
        let other = try run(seed: 2) { $0.audit = 0.3 }
        #expect(first == again)
        #expect(first.exactAt != other.exactAt)
        #expect((1...32).contains(first.counts.exactPasses))
        #expect(first.exactAt.count == first.counts.exactPasses)
    }

    @Test func closeDecisionsAreConfirmedByTheExactPass() throws {
        let threshold = middle(try run { $0.reuse = .exact })
        let confirmed = try run(threshold: threshold) { $0.confirm = true }
        let alone = try run(threshold: threshold) { _ in }
        #expect(confirmed.counts.exactPasses > 0 && confirmed.exactAt.count == confirmed.counts.exactPasses)
        #expect(alone.counts.exactPasses == 0 && alone.exactAt.isEmpty)
    }
}
