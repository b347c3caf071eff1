import ArgumentParser
package import XCLIP

struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Work with models.",
        subcommands: [Pull.self, List.self, Convert.self, Inspect.self, Random.self]
    )

    struct Random: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a checkpoint of random weights.",
            discussion: """
                For tests and for measurements of speed. The scores of such a model mean
                nothing.

                Example:
                  watchword model random /tmp/model --size b32x8
                """
        )

        @Argument(help: "The directory to make.", completion: .directory)
        var directory: String

        @Option(help: "tiny, or a published size: b32x8, b32x16, b16x8, b16x16, b16x32, l14x8, l14-336x16.")
        var size = RandomCheckpoint.Size.tiny

        @Option(help: "The seed of the random numbers. The same seed gives the same weights.")
        var seed: UInt64 = 1

        func run() throws {
            try ModelConversion.checkOutput(directory)
            try RandomCheckpoint.write(size, to: directory, seed: seed)
            try printLine("\(directory): \(size.rawValue), random weights; its scores mean nothing")
        }
    }
}

extension RandomCheckpoint.Size: ExpressibleByArgument {}
