module gitlab.com/pik-pro/backend/toolset/example/hrm

go 1.26

require gitlab.com/pik-pro/backend/toolset v0.0.0

replace gitlab.com/pik-pro/backend/toolset => ../..
