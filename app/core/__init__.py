"""The platform: it knows no feature and every feature may use it."""
