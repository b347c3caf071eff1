// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Flags of the coming language mode that keep the code honest today.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "watchword",
    products: [.executable(name: "watchword", targets: ["watchword"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries. CLibAV holds C of its own: libav's error codes and log callback are macros and va_list, which
        // Swift cannot reach, and libavdevice is loaded by dlopen.
        .target(
            name: "CLibAV",
            linkerSettings: ["avformat", "avcodec", "swscale", "avutil"].map { .linkedLibrary($0) }
        ),
        // One source compiled for several instruction sets and chosen at run time, which Swift cannot do.
        .target(name: "CKernels"),
        // libcurl sets its options through variadic functions, which Swift cannot call.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        // The tree of the design: arrows point one way, no target imports a sibling not named here.
        .target(name: "Threads", swiftSettings: strict),
        .target(name: "Frames", swiftSettings: strict),
        .target(name: "Events", swiftSettings: strict),
        .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: strict),
        .target(name: "Checkpoints", swiftSettings: strict),
        .target(name: "XCLIP", dependencies: ["Kernels", "Checkpoints", "Frames"], swiftSettings: strict),
        .target(
            name: "Capture",
            dependencies: ["CLibAV", "Frames", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict
        ),
        .target(
            name: "EventFeed",
            dependencies: [
                "Events", "Threads",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(name: "ModelHub", dependencies: ["CCurl", "COpenSSL"], swiftSettings: strict),
        .target(
            name: "WebFeed",
            dependencies: ["EventFeed", "Events", "Threads"],
            exclude: ["Documentation"],
            // Compiled in: the program needs no files of its own where it runs.
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),
        .target(
            name: "MQTTFeed",
            dependencies: [
                "EventFeed", "Events", "Threads", "CMosquitto",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Recognition",
            dependencies: ["XCLIP", "Frames", "Events", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Recognition", "Capture", "EventFeed", "Events", "Frames", "Checkpoints", "XCLIP", "Kernels", "Threads",
                "ModelHub", "WebFeed", "MQTTFeed", "CSystemd", "Yams",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "watchword",
            dependencies: [
                "Daemon", "Recognition", "XCLIP", "Events",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Puts the event feed and its journal under load, for Benchmarks/RESULTS.md and for the tests that kill it.
        .executableTarget(
            name: "feedload",
            dependencies: ["EventFeed", "Events", "Threads"],
            path: "Benchmarks/FeedLoad",
            swiftSettings: strict
        ),

        // Counts allocations by standing before the C library's malloc, which only C can.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        // How tests wait, and what else they share.
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels"], swiftSettings: strict),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "CAllocationCount"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(name: "FramesTests", dependencies: ["Frames"], swiftSettings: strict),
        .testTarget(
            name: "XCLIPTests",
            dependencies: ["XCLIP", "Kernels", "Checkpoints", "Frames", "CAllocationCount", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RecognitionTests",
            dependencies: ["Recognition", "Frames", "Events", "XCLIP"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Capture", "EventFeed", "Events", "Frames", "MQTTFeed", "Recognition", "TestSupport",
                "WebFeed", "XCLIP",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: strict),
        .testTarget(
            name: "EventFeedTests",
            dependencies: [
                "EventFeed", "Events", "TestSupport", "Threads", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ModelHubTests", dependencies: ["ModelHub"], swiftSettings: strict),
        .testTarget(
            name: "WebFeedTests",
            dependencies: ["WebFeed", "EventFeed", "Events", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "MQTTFeedTests", dependencies: ["MQTTFeed", "EventFeed", "Events"], swiftSettings: strict),
        .testTarget(
            name: "CaptureTests",
            dependencies: ["Capture", "Frames", "TestSupport", "Threads"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        // Runs the program itself, which `swift build --build-tests` puts beside the test bundle.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Events", "TestSupport", "feedload", "watchword"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer needs every target built with it, so the fuzz targets are there only when asked for: `make fuzz`.
if ProcessInfo.processInfo.environment["WATCHWORD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: ["Capture", "Checkpoints", "Daemon", "EventFeed", "Frames", "WebFeed", "XCLIP"],
            path: "Tests/Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict
        )
    )
}
