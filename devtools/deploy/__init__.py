"""Proves before anything is deployed that it can be: validates, builds and counts, and deploys into an emulator."""
