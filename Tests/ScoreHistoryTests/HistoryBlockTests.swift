import Events
import TestSupport
import Testing
import Text

@testable import ScoreHistory

/// The file format, against zlib's checksum, and against damage of every kind.
@Suite struct HistoryBlockTests {
    private let file: [HistoryBlock] = [
        .labels(labels(["a", "b"])),
        .decisions(decisions(3, labels: 2) { Double($0) - 1.5 }),
        .minute(
            [-2.5, 3.25].map {
                MinuteSummary(
                    start: noon,
                    covered: .seconds(60),
                    peak: $0,
                    held: $0 - 1,
                    median: $0 - 3,
                    q80: $0 - 2,
                    q95: $0 - 0.5
                )
            }
        ),
    ]

    /// The first is the check value of the catalogue of CRCs, the second `zlib.crc32` of Python.
    @Test func theChecksumIsZlibs() {
        #expect(Checksum.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(Checksum.crc32(Array("WS and the scores".utf8)) == 0x7B0C_5486)
    }

    @Test func blocksReadAsTheyWereWritten() {
        let bytes = file.flatMap(\.bytes)
        let (blocks, whole) = SegmentFile.blocks(in: bytes)
        #expect(blocks == file && whole == bytes.count)
    }

    /// A power cut leaves any part of a file, or zeros in its place.
    @Test func whatIsCutOffLosesNoWholeBlock() {
        let bytes = file.flatMap(\.bytes)
        var ends: [Int] = []
        for block in file { ends.append((ends.last ?? 0) + block.bytes.count) }
        for length in 0...bytes.count {
            let expected = ends.last { $0 <= length } ?? 0
            #expect(SegmentFile.blocks(in: Array(bytes.prefix(length))).wholeBytes == expected)
            let zeros = bytes.prefix(length) + [UInt8](repeating: 0, count: 64)
            #expect(SegmentFile.blocks(in: Array(zeros)).wholeBytes >= expected)
        }
    }

    @Test func noChangedByteIsTakenForAScore() {
        let bytes = file.flatMap(\.bytes)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            let (blocks, whole) = SegmentFile.blocks(in: damaged)
            #expect(whole <= index && Array(file.prefix(blocks.count)) == blocks, "byte \(index)")
        }
    }

    /// What another program may have put there: no length, count or number makes the reader trap.
    @Test func noiseIsNoHistory() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            var payload = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { payload = [UInt8](repeating: 0xFF, count: payload.count) }
            let length = withUnsafeBytes(of: UInt32(payload.count).littleEndian) { Array($0) }
            let head: [UInt8] = [0x57, 0x53, UInt8.random(in: 1...3, using: &generator), 1] + length
            let checksum = withUnsafeBytes(of: Checksum.crc32(head + payload).littleEndian) { Array($0) }
            let forged = head + checksum + payload
            // A forged block may even be a valid one; it must only not be longer than it is.
            let whole = SegmentFile.blocks(in: file[0].bytes + forged).wholeBytes
            #expect(whole <= file[0].bytes.count + forged.count)
        }
    }

    @Test func leadsKeepTheirHundredths() {
        for lead in stride(from: -59.9, through: 59.9, by: 0.137) {
            #expect(abs(Lead.decode(Lead.encode(lead)) - lead) <= 1.0 / 1024)
        }
        #expect(Lead.decode(Lead.encode(.infinity)) == 60 && Lead.decode(Lead.encode(-1e9)) == -60)
        #expect(Lead.decode(Lead.encode(.nan)) == -60)
    }

    /// By hand: ln(0.94 / 0.06) = 2.7515; a lead of 10.4 and a temperature of 2 give 1 / (1 + e^−5.2).
    @Test func aLeadIsTheLogOddsOfAScoreTimesItsTemperature() {
        #expect(abs(Lead.ofScore(0.94, temperature: 1) - 2.751535) < 1e-6)
        #expect(abs(Lead.score(ofLead: 10.4, temperature: 2) - 0.9945137) < 1e-7)
        for lead in [-30.0, -3, 0, 4.6, 10.4, 25] {
            #expect(abs(Lead.ofScore(Lead.score(ofLead: lead, temperature: 0.9), temperature: 0.9) - lead) < 0.01)
        }
        #expect(Lead.logOdds(ofScore: 0).isFinite && Lead.logOdds(ofScore: 1).isFinite)
    }
}
