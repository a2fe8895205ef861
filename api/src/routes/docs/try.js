// Shows the OpenAPI document of this server, with a form to call each operation. Nothing is loaded from, or sent to, anyone else.
SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#document",
  deepLinking: true,
  displayOperationId: true,
  persistAuthorization: false,
  showExtensions: true,
  validatorUrl: null,
});
