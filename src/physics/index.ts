export { angleBetween, fibonacciSphere, uniformSphere } from "./sphere.js";
