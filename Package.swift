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

/// A C library of the system, below Sources/C.
func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "watchword",
    products: [.executable(name: "watchword", targets: ["watchword"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries. CLibAV holds C of its own: libav's error codes and log callback are macros and va_list, which
        // Swift cannot reach, and libavdevice is loaded by dlopen.
        .target(
            name: "CLibAV",
            path: "Sources/C/CLibAV",
            linkerSettings: ["avformat", "avcodec", "swscale", "avutil"].map { .linkedLibrary($0) }
        ),
        // One source compiled for several instruction sets and chosen at run time, which Swift cannot do.
        .target(name: "CKernels", path: "Sources/C/CKernels"),
        // libcurl sets its options through variadic functions, which Swift cannot call.
        .target(name: "CCurl", path: "Sources/C/CCurl", linkerSettings: [.linkedLibrary("curl")]),
        library("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        library("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
        library("COpenBLAS", pkgConfig: "openblas", package: "libopenblas-dev"),
        library("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),

        // Sources/Documentation/architecture.md draws this tree. Arrows point one way; no target imports a sibling that is
        // not named here.
        .target(name: "System", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Text", dependencies: ["System"], swiftSettings: strict),
        .target(name: "Frames", dependencies: ["System"], swiftSettings: strict),
        .target(name: "Events", dependencies: ["Text"], swiftSettings: strict),
        .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: strict),
        .target(name: "Checkpoints", dependencies: ["System"], swiftSettings: strict),
        .target(name: "XCLIP", dependencies: ["Kernels", "Checkpoints", "Frames"], swiftSettings: strict),
        .target(
            name: "Capture",
            dependencies: [
                "CLibAV", "Frames", "System", "Text", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Recognition",
            dependencies: ["XCLIP", "Frames", "Events", "Text", "System"],
            swiftSettings: strict
        ),
        .target(
            name: "EventFeed",
            dependencies: [
                "Events", "Text", "System",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WebFeed",
            dependencies: ["EventFeed", "Events", "Text", "System"],
            exclude: ["Documentation"],
            // Compiled in: the program needs no files of its own where it runs.
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),
        .target(
            name: "MQTTFeed",
            dependencies: [
                "EventFeed", "Events", "Text", "System", "CMosquitto",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(name: "ModelHub", dependencies: ["CCurl", "System"], swiftSettings: strict),
        .target(
            name: "Settings",
            dependencies: [
                "Recognition", "Capture", "WebFeed", "MQTTFeed", "Frames", "Events", "Text", "System", "Yams",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Models",
            dependencies: [
                "Settings", "ModelHub", "Recognition", "Capture", "XCLIP", "Kernels", "Checkpoints", "Frames", "Text",
                "System",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "EventFeed", "WebFeed", "MQTTFeed", "Models", "Settings", "Recognition", "Capture", "XCLIP", "Kernels",
                "Frames", "Events", "Text", "System", "CSystemd",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Offline",
            dependencies: [
                "EventFeed", "Models", "Settings", "Recognition", "Capture", "XCLIP", "Kernels", "Checkpoints",
                "Frames",
                "Events", "Text", "System",
            ],
            swiftSettings: strict
        ),
        .target(name: "Console", dependencies: ["EventFeed", "Events", "Text", "System"], swiftSettings: strict),
        .executableTarget(
            name: "watchword",
            dependencies: [
                "Daemon", "Offline", "Console", "Models", "Settings", "Recognition", "XCLIP", "Events", "Text",
                "System",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Puts the event feed and its journal under load, for Benchmarks/RESULTS.md and for the tests that kill it.
        .executableTarget(
            name: "feedload",
            dependencies: ["EventFeed", "Events", "Text", "System"],
            path: "Benchmarks/FeedLoad",
            swiftSettings: strict
        ),

        // Counts allocations by standing before the C library's malloc, which only C can.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        // What several suites share: how tests wait, directories of their own, repeatable numbers.
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "SystemTests", dependencies: ["System", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TextTests", dependencies: ["Text", "System", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "FramesTests", dependencies: ["Frames", "System", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "EventsTests", dependencies: ["Events", "Text", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels"], swiftSettings: strict),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "CAllocationCount"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "XCLIPTests",
            dependencies: ["XCLIP", "Kernels", "Checkpoints", "Frames", "CAllocationCount"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CaptureTests",
            dependencies: ["Capture", "Frames", "Text", "System", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RecognitionTests",
            dependencies: ["Recognition", "Frames", "Events", "XCLIP", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventFeedTests",
            dependencies: [
                "EventFeed", "Events", "Text", "System", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WebFeedTests",
            dependencies: ["WebFeed", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MQTTFeedTests",
            dependencies: ["MQTTFeed", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "ModelHubTests", dependencies: ["ModelHub"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "Settings", "Models", "Recognition", "Capture", "WebFeed", "MQTTFeed", "Frames", "Events", "Text",
                "System", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OfflineTests",
            dependencies: ["Offline", "Settings", "Capture", "Frames", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["Console", "EventFeed", "Events", "Text", "System", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Models", "Settings", "Recognition", "Capture", "EventFeed", "WebFeed", "MQTTFeed", "XCLIP",
                "Frames", "Events", "Text", "System", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Runs the program itself, which `swift build --build-tests` puts beside the test bundle.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Events", "Text", "System", "TestSupport", "feedload", "watchword"],
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
            dependencies: [
                "Capture", "Checkpoints", "EventFeed", "Frames", "Settings", "WebFeed", "XCLIP", "Text", "System",
            ],
            path: "Tests/Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict
        )
    )
}
