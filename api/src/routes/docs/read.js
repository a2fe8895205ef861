// Shows the OpenAPI document of this server to read. Nothing is loaded from, or sent to, anyone else.
Redoc.init(
  "/v1/openapi.json",
  {
    expandResponses: "200,201",
    nativeScrollbars: true,
    requiredPropsFirst: true,
    showExtensions: ["x-permission", "x-processing-activity"],
    theme: {
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif" },
        code: { fontFamily: "ui-monospace, monospace", wrap: true },
      },
    },
  },
  document.getElementById("document"),
);
