import Testing

@Suite struct ModelHubTests {}
