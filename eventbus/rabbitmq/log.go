package rabbitmq

import (
	"context"
	"log/slog"
)

// fromWarn lets warnings and errors through: what a library may say when nobody gave it a logger.
type fromWarn struct{ slog.Handler }

func (h fromWarn) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h fromWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return fromWarn{h.Handler.WithAttrs(attrs)}
}

func (h fromWarn) WithGroup(name string) slog.Handler { return fromWarn{h.Handler.WithGroup(name)} }
