import Foundation
import System
import Text
import XCLIP

extension SpeedTrial.Report {
    /// One JSON object: times in milliseconds, `peak` in FLOP/s, memory in bytes.
    package var json: String { line.text }

    var line: JSONLine {
        func samples(_ samples: SpeedTrial.Samples) -> JSONLine {
            var line = JSONLine()
            line.add("median", samples.median)
            line.add("p95", samples.p95)
            line.add("values", samples.values)
            return line
        }
        var line = JSONLine(type: "bench")
        line.add("model", model)
        line.add("frames", frames)
        line.add("threads", threads)
        line.add("backend", backend)
        line.add("precision", precision.rawValue)
        line.add("peak", peak)
        line.add("exact", samples(exact))
        if let exactInt8 { line.add("exact_int8", samples(exactInt8)) }
        line.add("sweep", samples(sweep))
        line.add("exact_share", exactShare)
        line.add("sweep_share", sweptShare)
        line.add("cached_share", cachedShare)
        var batches = JSONLine()
        for batch in cached { batches.add("\(batch.streams)", samples(batch.step)) }
        line.add("cached", batches)
        line.add("weight_bytes", weightBytes)
        if precision != .float32 { line.add("exact_weight_bytes", exactWeightBytes) }
        line.add("memory_bytes_per_stream", memoryBytesPerStream)
        line.add("sweep_bytes_per_stream", sweepBytesPerStream)
        line.add("resident_bytes", residentBytes)
        return line
    }

    /// For people. `window`: what the number of streams is reckoned for.
    package func text(window: Duration) -> String {
        func row(_ name: String, _ samples: SpeedTrial.Samples, _ rest: String) -> String {
            let padded = name.padding(toLength: 26, withPad: " ", startingAt: 0)
            return padded + String(format: "%9.2f ms   p95 %9.2f ms   ", samples.median, samples.p95) + rest
        }
        var lines = [
            "\(model): \(frames) frames, \(threads) threads, \(precision.rawValue), \(backend), "
                + "peak \(Int(peak / 1e9)) GFLOP/s in floats",
            row("exact, a step", exact, String(format: "%.0f %% of the peak", exactShare * 100)),
        ]
        if let exactInt8 { lines.append(row("whole in int8, a step", exactInt8, "")) }
        lines.append(row("sweep, a step", sweep, String(format: "%.0f %% of the peak", sweptShare * 100)))
        for batch in cached {
            let rate = Double(batch.streams) * 1000 / batch.step.median
            let share = batch.streams == 1 ? String(format: ", %.0f %% of the peak", cachedShare * 100) : ""
            let name = "cached, \(batch.streams) stream\(batch.streams == 1 ? "" : "s") a batch"
            lines.append(row(name, batch.step, String(format: "%.1f frames a second", rate) + share))
        }
        let megabytes = { (bytes: Int) in String(format: "%.1f MB", Double(bytes) / 1e6) }
        let judge = precision == .float32 ? "" : " (\(megabytes(exactWeightBytes)) for exact passes)"
        lines.append(
            "memory: \(megabytes(weightBytes)) of weights\(judge), \(megabytes(memoryBytesPerStream)) a stream "
                + "(sweep \(megabytes(sweepBytesPerStream))), \(megabytes(residentBytes)) resident"
        )
        let each = Double(frames) / window.seconds
        let streams = Int(framesPerSecond * 0.8 / each)
        lines.append(
            "this machine carries \(streams) cached stream\(streams == 1 ? "" : "s") of this model at a window of "
                + "\(window.configured) (\((each * 10).rounded() / 10) frames a second each, a fifth kept in reserve)"
        )
        return lines.joined(separator: "\n")
    }
}
