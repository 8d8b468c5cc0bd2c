"""Generators for developers: dashboards, Kubernetes objects, the reference of the configuration. Not shipped."""
