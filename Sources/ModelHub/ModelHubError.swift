/// To be written.
enum ModelHubError: Error {}
